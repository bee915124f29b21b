"""The compiler against graphql-core: the same schema, the same document, the same answer."""
