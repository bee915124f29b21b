"""How the tables came to be: Alembic revisions, oldest first."""
