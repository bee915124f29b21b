"""Wallets: what a person owns, and how they send it to somebody else."""
