"""Cards by Stripe."""
