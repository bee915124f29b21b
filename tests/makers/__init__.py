"""Makers of things that tests start from, with honest defaults."""
