"""Payments: what should be paid, by which rail, and the proof that it was."""
