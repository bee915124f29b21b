"""Access tokens: ES256 with a key that rotates."""
