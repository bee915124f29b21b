"""Merchants: businesses that sell through the market and are owed what customers paid."""
