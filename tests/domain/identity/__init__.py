"""The rules of people alone: no database, no event loop."""
