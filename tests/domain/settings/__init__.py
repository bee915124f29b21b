"""Settings and feature flags."""
