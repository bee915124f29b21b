"""Signatures on the curve P-256."""
