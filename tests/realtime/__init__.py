"""The way of an event from its commit to a listener, on a real PostgreSQL and a real Valkey."""
