"""Batches behind the edges: every key asked for in one answer is loaded by one statement."""

from __future__ import annotations

from dataclasses import dataclass

from db.engine import Database


@dataclass(kw_only=True)
class Loaders:
    """One set per request and per subscription event; each field is named by what its keys lead to."""


def build_loaders(database: Database) -> Loaders:
    """A fresh set; nothing is remembered between requests, so an edge is never stale."""
    return Loaders()
