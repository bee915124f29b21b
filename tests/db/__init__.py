"""Tables, repositories and reads on a real PostgreSQL."""
