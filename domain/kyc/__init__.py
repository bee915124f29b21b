"""KYC: how well the market knows a person."""
