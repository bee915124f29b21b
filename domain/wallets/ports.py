"""What wallets ask of their storage."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from domain.ids import PaymentId, QuoteId, RateId, UserId, WalletId
from domain.money import Asset
from domain.wallets.quote import ConversionQuote
from domain.wallets.rates import ExchangeRate
from domain.wallets.recipient import Recipient
from domain.wallets.top_up import TopUp
from domain.wallets.wallet import Wallet


class Wallets(Protocol):
    """Wallets by id and by owner. They never change, so none is ever locked."""

    async def find(self, wallet_id: WalletId) -> Wallet | None:
        """The wallet, if there is one."""
        ...

    async def find_of(self, owner_id: UserId, asset: Asset) -> Wallet | None:
        """The person's wallet in this asset, if there is such a person."""
        ...

    async def parties(self, source_id: WalletId, destination_id: WalletId) -> tuple[Wallet | None, Recipient | None]:
        """Both sides of a transfer in one look, each if there is one."""
        ...

    async def add(self, wallets: Collection[Wallet]) -> None:
        """Keep new wallets; their accounts are open. One that another command opened meanwhile stays as it is."""
        ...


class Rates(Protocol):
    """Exchange rates, one row for each time that somebody said one."""

    async def latest(self, *, at: datetime) -> list[ExchangeRate]:
        """Of each asset the newest that every source observed, and finance's newest unless its time is over."""
        ...

    async def latest_of(self, asset: Asset, *, at: datetime) -> list[ExchangeRate]:
        """The same of one asset."""
        ...

    async def get_set_for_update(self, rate_id: RateId) -> ExchangeRate:
        """A rate that finance set, its row locked.

        Raises:
            RateNotFound: there is none, or it was observed.
        """
        ...

    async def add(self, rate: ExchangeRate) -> None:
        """Keep a new rate."""
        ...


class Quotes(Protocol):
    """Promised conversions, loaded for change."""

    async def get_for_update(self, quote_id: QuoteId) -> ConversionQuote:
        """The quote, its row locked.

        Raises:
            QuoteNotFound: there is none.
        """
        ...

    async def add(self, quote: ConversionQuote) -> None:
        """Keep a new quote."""
        ...

    async def purge(self, *, expired_before: datetime, limit: int) -> int:
        """Forget at most `limit` quotes that expired before this instant unused; answers how many."""
        ...


class TopUps(Protocol):
    """What payments become in their payers' wallets. They never change."""

    async def get(self, payment_id: PaymentId) -> TopUp:
        """The promise for this payment, which is one."""
        ...

    async def add(self, top_up: TopUp) -> None:
        """Keep a new promise."""
        ...


class RateSource(Protocol):
    """Somebody outside who observes what assets are worth."""

    @property
    def name(self) -> str:
        """How its rates are told from others'; not `finance`."""
        ...

    async def observe(self) -> Mapping[Asset, Decimal]:
        """How many of each asset one USDT is worth now, as far as it knows; asked outside every transaction.

        Raises:
            GatewayFault: it did not answer as agreed; nothing is known anew.
        """
        ...
