"""Batches behind the edges: every key asked for in one answer is loaded by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from strawberry.dataloader import DataLoader

from db.engine import Database
from db.reads.catalog import categories_below, categories_by_ids
from db.reads.identity import users_by_ids
from db.reads.ledger_statement import statement_page
from db.reads.wallets import wallets_by_ids
from domain.ids import CategoryId, UserId, WalletId
from domain.ledger import chart
from domain.ledger.statement import StatementLine
from domain.money import Asset
from domain.page import Page, PageRequest
from schema.catalog import Category
from schema.identity import User
from schema.wallets import Wallet


class StatementPage(Protocol):
    """A page of a wallet's lines."""

    async def __call__(self, owner: UserId, asset: Asset, page: PageRequest) -> Page[StatementLine]:
        """The newest first."""
        ...


@dataclass(kw_only=True)
class Loaders:
    """One set per request and per subscription event; each field is named by what its keys lead to."""

    user: DataLoader[UserId, User | None]
    wallet: DataLoader[WalletId, Wallet | None]
    statement: StatementPage
    category: DataLoader[CategoryId, Category | None]
    category_children: DataLoader[CategoryId, list[Category]]


def build_loaders(database: Database) -> Loaders:
    """A fresh set; nothing is remembered between requests, so an edge is never stale."""

    async def user(ids: Sequence[UserId]) -> list[User | None]:
        async with database.read() as connection:
            found = await users_by_ids(connection, ids)
        return [User.of(found[key]) if key in found else None for key in ids]

    async def wallet(ids: Sequence[WalletId]) -> list[Wallet | None]:
        async with database.read() as connection:
            found = await wallets_by_ids(connection, ids)
        return [Wallet.of(found[key]) if key in found else None for key in ids]

    async def statement(owner: UserId, asset: Asset, page: PageRequest) -> Page[StatementLine]:
        async with database.read() as connection:
            return await statement_page(connection, chart.user_wallet(owner, asset), page=page)

    async def category(ids: Sequence[CategoryId]) -> list[Category | None]:
        async with database.read() as connection:
            found = await categories_by_ids(connection, ids)
        return [Category.of(found[key]) if key in found else None for key in ids]

    async def category_children(parents: Sequence[CategoryId]) -> list[list[Category]]:
        async with database.read() as connection:
            found = await categories_below(connection, parents)
        return [[Category.of(child) for child in found if child.parent_id == parent] for parent in parents]

    return Loaders(
        user=DataLoader(user),
        wallet=DataLoader(wallet),
        statement=statement,
        category=DataLoader(category),
        category_children=DataLoader(category_children),
    )
