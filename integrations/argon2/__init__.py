"""Slow hashes for what people can remember."""
