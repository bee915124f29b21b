"""Codes of authenticators."""
