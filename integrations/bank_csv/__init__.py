"""Bank files and statements as lines of comma-separated values."""
