"""Rules, with no database and no event loop where possible."""
