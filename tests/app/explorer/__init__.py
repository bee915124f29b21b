"""Tests of what builds and serves the explorer; the page itself is tried in `tests/explorer`."""
