"""Endurance: `make soak` follows live streams through outages and for long, and fails when anything is lost."""
