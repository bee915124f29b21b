"""Repositories: what a use case loads in order to change it."""
