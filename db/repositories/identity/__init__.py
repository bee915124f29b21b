"""People and what is theirs, loaded for change; see the ports."""
