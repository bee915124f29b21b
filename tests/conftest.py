"""Fixtures for every test: the servers of this run."""

pytest_plugins = ["tests.servers", "tests.valkey_cluster", "tests.databases", "tests.commands", "tests.gateways"]
