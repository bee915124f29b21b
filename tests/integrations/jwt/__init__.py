"""Access tokens and the keys they are signed with."""
