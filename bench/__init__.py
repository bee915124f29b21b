"""Measurements: `make bench` prints what was reached beside what was wanted."""
