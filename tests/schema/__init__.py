"""The vocabulary of the API, without its resolvers."""
