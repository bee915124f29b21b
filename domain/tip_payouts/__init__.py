"""Tip payouts: what a worker is tipped leaves to their phone by a rule of theirs."""
