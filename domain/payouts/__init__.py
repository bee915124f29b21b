"""Payouts: people's money leaves the market for their own account elsewhere, once."""
