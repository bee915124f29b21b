"""PostgreSQL: tables, repositories that load for change, reads that load for show, and the one commit."""
