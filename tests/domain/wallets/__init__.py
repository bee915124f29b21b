"""The wallets' rules."""
