"""Typed clients, generated from the schema and the documents of our apps: what their own builds start from."""
