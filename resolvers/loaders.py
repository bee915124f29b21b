"""Batches behind the edges: every key asked for in one answer is loaded by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from strawberry.dataloader import DataLoader

from db.engine import Database
from db.reads.catalog import categories_below, categories_by_ids
from db.reads.identity import users_by_ids
from domain.ids import CategoryId, UserId
from schema.catalog import Category
from schema.identity import User


@dataclass(kw_only=True)
class Loaders:
    """One set per request and per subscription event; each field is named by what its keys lead to."""

    user: DataLoader[UserId, User | None]
    category: DataLoader[CategoryId, Category | None]
    category_children: DataLoader[CategoryId, list[Category]]


def build_loaders(database: Database) -> Loaders:
    """A fresh set; nothing is remembered between requests, so an edge is never stale."""

    async def user(ids: Sequence[UserId]) -> list[User | None]:
        async with database.read() as connection:
            found = await users_by_ids(connection, ids)
        return [User.of(found[key]) if key in found else None for key in ids]

    async def category(ids: Sequence[CategoryId]) -> list[Category | None]:
        async with database.read() as connection:
            found = await categories_by_ids(connection, ids)
        return [Category.of(found[key]) if key in found else None for key in ids]

    async def category_children(parents: Sequence[CategoryId]) -> list[list[Category]]:
        async with database.read() as connection:
            found = await categories_below(connection, parents)
        return [[Category.of(child) for child in found if child.parent_id == parent] for parent in parents]

    return Loaders(
        user=DataLoader(user), category=DataLoader(category), category_children=DataLoader(category_children)
    )
