"""Clients that real apps use, against running servers of ours."""
