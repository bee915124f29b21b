"""Confirmations: people are told by e-mail of money that left for them, or came back to them."""
