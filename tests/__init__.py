"""Tests: the tree of the product again, plus flows, concurrency and architecture."""
