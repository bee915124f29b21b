"""What is counted in Redis."""
