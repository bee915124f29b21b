"""Razorpay's orders."""
