"""A document becomes a coroutine, once: GraphQL operations compiled to Python. It knows graphql-core and no product."""
