"""Batches behind the edges: every key asked for in one answer is loaded by one statement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from strawberry.dataloader import DataLoader

from db.engine import Database
from db.reads.catalog import categories_below
from db.reads.checkouts import sealed_checkouts
from db.reads.ledger import balance_of
from db.reads.ledger_statement import statement_page
from db.reads.merchants import merchants_by_ids
from db.reads.orders import delivered_files
from db.reads.payments import payments_by_ids
from db.reads.payouts import payouts_by_ids, sealed_destinations
from db.reads.people import UserRow, user_rows
from db.reads.products import products_by_ids, sealed_codes, stock_of
from db.reads.tips import workers_by_ids
from db.reads.wallets import wallet_rows
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.roles import Permission
from domain.ids import (
    CategoryId,
    MerchantId,
    OrderId,
    PaymentId,
    PayoutId,
    ProductCodeId,
    ProductId,
    UserId,
    WalletId,
    WorkerId,
)
from domain.ledger import chart
from domain.ledger.statement import StatementLine
from domain.money import Asset
from domain.page import Page, PageRequest
from domain.products.product import ProductCode
from resolvers.settings_cache import SettingsCache
from schema.catalog import Category
from schema.identity import User
from schema.merchants import Merchant, Product
from schema.money import Money
from schema.payments import PaymentIntent
from schema.payouts import Payout
from schema.uploads import StoredFile
from schema.wallets import Wallet
from schema.workers import Worker

K = TypeVar("K")
V = TypeVar("V")


class Batch(Generic[K, V]):
    """What loads many keys at once, and key by key for those who ask one by one: these are gathered into a batch."""

    __slots__ = ("_one_by_one", "load_fn")

    def __init__(self, load: Callable[[Sequence[K]], Awaitable[Sequence[V]]]) -> None:
        self.load_fn = load
        self._one_by_one: DataLoader[K, V] | None = None

    async def load(self, key: K) -> V:
        """The value of one key, in one batch with what is asked within the same turn of the loop."""
        if self._one_by_one is None:
            self._one_by_one = DataLoader(self.load_fn)
        return await self._one_by_one.load(key)


class batched(Generic[K, V]):  # noqa: N801  # a decorator
    """A loader made of what loads many keys, once somebody asks a set of loaders for it."""

    def __init__(self, load: Callable[[Any, Sequence[K]], Awaitable[Sequence[V]]]) -> None:
        self.load = load
        self._name = load.__name__

    def __get__(self, loaders: Loaders, owner: type[Loaders]) -> Batch[K, V]:
        made: Batch[K, V] = Batch(partial(self.load, loaders))
        vars(loaders)[self._name] = made  # found there from now on
        return made


class WithPerson(Protocol):
    """A row of something that a person was read with."""

    @property
    def person(self) -> UserRow:
        """Who."""
        ...


class Loaders:
    """One set per request and per subscription event; each field is named by what its keys lead to.

    Nothing is remembered between requests, so an edge is never stale; only categories are, as settings are.
    """

    def __init__(self, database: Database, settings: SettingsCache) -> None:
        self._database, self._settings = database, settings
        self._with_people: dict[UserId, WithPerson] = {}
        self._codes: dict[ProductCodeId, bytes] = {}

    def know_people(self, read: Iterable[tuple[UserId, WithPerson]]) -> None:
        """These people were read together with other things, and are not read again."""
        self._with_people.update(read)

    def known_user(self, key: UserId) -> User | None:
        """Somebody who was read together with other things."""
        read = self._with_people.get(key)
        return None if read is None else User(entity=read.person)

    def known_category(self, key: CategoryId) -> Category | None:
        """A category that the process remembers."""
        return self._settings.categories.known(key)

    def know_code(self, code: ProductCode) -> None:
        """This code was read, sealed, by the command that is being answered."""
        self._codes[code.id] = code.sealed_code

    @batched
    async def user(self, ids: Sequence[UserId]) -> list[User | None]:
        """People."""
        known = self._with_people
        missing = [key for key in ids if key not in known]
        found: dict[UserId, UserRow] = await user_rows(self._database.reads, missing) if missing else {}
        found |= {key: known[key].person for key in ids if key in known}
        return [User(entity=row) if (row := found.get(key)) else None for key in ids]

    @batched
    async def wallet(self, ids: Sequence[WalletId]) -> list[Wallet | None]:
        """Wallets, whoever they belong to."""
        found = await wallet_rows(self._database.reads, ids)
        self.know_people((row.owner_id, row) for row in found.values())
        return [Wallet(entity=row) if (row := found.get(key)) else None for key in ids]

    @batched
    async def category(self, ids: Sequence[CategoryId]) -> list[Category | None]:
        """Categories, closed ones too."""
        found = await self._settings.categories.by_ids(ids)
        return [found.get(key) for key in ids]

    @batched
    async def category_children(self, parents: Sequence[CategoryId]) -> list[list[Category]]:
        """The open categories right below each."""
        async with self._database.read() as connection:
            found = await categories_below(connection, parents)
        return [[Category.of(child) for child in found if child.parent_id == parent] for parent in parents]

    @batched
    async def merchant(self, ids: Sequence[MerchantId]) -> list[Merchant | None]:
        """Merchants, whatever their status."""
        async with self._database.read() as connection:
            found = await merchants_by_ids(connection, ids)
        return [Merchant.of(merchant) if (merchant := found.get(key)) else None for key in ids]

    @batched
    async def product(self, ids: Sequence[ProductId]) -> list[Product | None]:
        """Products, paused ones too."""
        async with self._database.read() as connection:
            found = await products_by_ids(connection, ids)
        return [Product.of(product) if (product := found.get(key)) else None for key in ids]

    @batched
    async def worker(self, ids: Sequence[WorkerId]) -> list[Worker | None]:
        """Workers, those who take a break too."""
        async with self._database.read() as connection:
            found = await workers_by_ids(connection, ids)
        return [Worker.of(worker) if (worker := found.get(key)) else None for key in ids]

    @batched
    async def payment(self, ids: Sequence[PaymentId]) -> list[PaymentIntent]:
        """Payments, whoever's they are; who may see them was asked before."""
        async with self._database.read() as connection:
            found = await payments_by_ids(connection, ids)
        return [PaymentIntent.of(found[key]) for key in ids]

    @batched
    async def delivered_file(self, ids: Sequence[OrderId]) -> list[StoredFile | None]:
        """The files of orders that are delivered and not taken back; who may have a link was asked before."""
        async with self._database.read() as connection:
            found = await delivered_files(connection, ids)
        return [StoredFile.of(file) if (file := found.get(key)) else None for key in ids]

    @batched
    async def stock(self, ids: Sequence[ProductId]) -> list[int]:
        """How many codes of each product are unsold."""
        async with self._database.read() as connection:
            found = await stock_of(connection, ids)
        return [found.get(key, 0) for key in ids]

    async def payable(self, merchant: MerchantId, owner: UserId, viewer: Actor) -> Money | None:
        """What a merchant is owed, for its owner and for those who read the books."""
        if viewer.user != owner and not viewer.may(Permission.LEDGER_READ):
            return None
        async with self._database.read() as connection:
            return Money.of(await balance_of(connection, chart.merchant_payable(merchant)))

    @batched
    async def sealed_code(self, ids: Sequence[ProductCodeId]) -> list[bytes]:
        """Codes as they are kept."""
        async with self._database.read() as connection:
            found = await sealed_codes(connection, ids)
        return [found[key] for key in ids]

    @batched
    async def payout(self, ids: Sequence[PayoutId]) -> list[Payout]:
        """Payouts; who may see them was asked before."""
        async with self._database.read() as connection:
            found = await payouts_by_ids(connection, ids)
        return [Payout.of(found[key]) for key in ids]

    @batched
    async def sealed_destination(self, ids: Sequence[PayoutId]) -> list[bytes]:
        """Where payouts go to, as it is kept."""
        async with self._database.read() as connection:
            found = await sealed_destinations(connection, ids)
        return [found[key] for key in ids]

    @batched
    async def sealed_checkout(self, ids: Sequence[PaymentId]) -> list[tuple[bytes | None, bytes | None]]:
        """Secrets and addresses of checkouts, as they are kept."""
        async with self._database.read() as connection:
            found = await sealed_checkouts(connection, ids)
        return [found[key] for key in ids]

    async def checkout_secret(self, payment_id: PaymentId, gateways: Gateways) -> str | None:
        """What confirms a payment, in the clear; who may see it was asked before."""
        sealed, _ = await self.sealed_checkout.load(payment_id)
        return None if sealed is None else gateways.sealer.unseal(sealed, about=f"checkout secret {payment_id}")

    async def checkout_url(self, payment_id: PaymentId, gateways: Gateways) -> str | None:
        """Where the payer goes, in the clear; who may see it was asked before."""
        _, sealed = await self.sealed_checkout.load(payment_id)
        return None if sealed is None else gateways.sealer.unseal(sealed, about=f"checkout url {payment_id}")

    async def product_code(self, code_id: ProductCodeId, gateways: Gateways) -> str:
        """A code in the clear; who may see it was asked before."""
        sealed = self._codes.get(code_id) or await self.sealed_code.load(code_id)
        return gateways.sealer.unseal(sealed, about=f"product code {code_id}")

    async def payout_destination(self, payout_id: PayoutId, gateways: Gateways) -> str:
        """Where a payout goes to, in the clear; who may see it was asked before."""
        sealed = await self.sealed_destination.load(payout_id)
        return gateways.sealer.unseal(sealed, about=f"payout destination {payout_id}")

    async def statement(self, owner: UserId, asset: Asset, page: PageRequest) -> Page[StatementLine]:
        """A page of a wallet's lines, the newest first."""
        return await statement_page(self._database.reads, chart.user_wallet(owner, asset), page=page)
