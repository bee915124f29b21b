"""Deterministic stand-ins for vendors, for development and tests."""
