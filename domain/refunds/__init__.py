"""Refunds: customers have their money back, in part or whole, and never more than they paid."""
