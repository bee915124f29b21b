"""What is counted in Redis besides the live channels."""
