"""The house against its own rules."""
