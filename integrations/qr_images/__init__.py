"""Pictures of codes."""
