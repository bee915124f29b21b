"""Subscriptions through the executable schema, with a relay at work."""
