"""Reads: SQL on one side, entities or small rows on the other; every list has a limit."""
