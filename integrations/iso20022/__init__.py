"""ISO 20022: what banks read and write as XML."""
