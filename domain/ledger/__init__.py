"""Double entry: every amount leaves one account and reaches another, once, and is never rewritten."""
