"""PostgreSQL and Valkey from wheels, started, watched and ended by ourselves."""
