"""PayPal's orders."""
