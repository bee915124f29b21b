"""The endpoint, served with a schema of the tests' own."""
