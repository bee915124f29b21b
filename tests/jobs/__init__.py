"""Jobs and their supervisor on a real PostgreSQL."""
