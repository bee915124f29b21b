"""The explorer as a person meets it: a headless Chromium before a running market. `make test-explorer` runs these."""
