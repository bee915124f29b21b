"""Classified ads: submitted, moderated, shown, flagged, expired."""
