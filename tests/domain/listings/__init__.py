"""Classified ads: states, submission, moderation, flags, expiry."""
