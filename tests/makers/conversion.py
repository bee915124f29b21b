"""Exchange rates that somebody said, and quotes made by them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from domain.identity.actor import Actor
from domain.money import Asset, BasisPoints, Money
from domain.wallets.conversion import Conversion, Quoted, execute_conversion, quote_conversion
from domain.wallets.current_price import ConversionTerms
from domain.wallets.rate_keeping import record_rates
from integrations.sandbox.rates import RATES
from tests.commands import Commands

TERMS: Final = ConversionTerms(fee=BasisPoints(100), stale_after=timedelta(minutes=15))


async def observe(commands: Commands, rates: Mapping[Asset, Decimal] = RATES, *, source: str = "sandbox") -> None:
    """A source said now what assets are worth; the sandbox's figures when nothing else is given."""
    async with commands.by_system() as uow:
        await record_rates(uow, rates, source=source)


async def make_quote(commands: Commands, holder: Actor, amount: Money, into: Asset) -> Quoted:
    """One per cent is the market's."""
    async with commands.by(holder) as uow:
        return await quote_conversion(uow, amount=amount, into=into, terms=TERMS)


async def execute(commands: Commands, holder: Actor, quoted: Quoted) -> Conversion:
    """Carry a quote out."""
    async with commands.by(holder) as uow:
        return await execute_conversion(uow, quote_id=quoted.quote.id)
