"""People who showed their PIN, and payouts that they asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import insert, update

from db.tables.identity import sessions
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.session import DevicePlatform
from domain.money import Asset, Money
from domain.payouts.bank_file import BankFile, BankFileFormat
from domain.payouts.exporting import ExportTerms, export_payouts
from domain.payouts.payout import Payout
from domain.payouts.requesting import PayoutTerms, request_payout
from domain.payouts.review import approve_payout
from domain.payouts.state import PayoutRail
from tests.commands import Commands
from tests.makers.wallets import make_holder

TERMS: Final = PayoutTerms(
    day_limit=Money(1_000_000_000, Asset.USDT),
    two_persons_from=Money(500_000_000, Asset.USDT),
    stale_after=timedelta(minutes=15),
    rails=frozenset(PayoutRail),
)
BANK: Final = "EQBLKENA 01007654321 Amina Wanjiru"
OURS: Final = ExportTerms(account="KCBLKENX 0100200300 Sokoni Ltd", utc_offset=timedelta(hours=3))


async def make_payee(commands: Commands, *funds: Money) -> Actor:
    """Somebody with money, in a session that showed its PIN just now."""
    payee = await make_holder(commands, *funds)
    session = {
        "id": payee.session_id,
        "user_id": payee.user_id,
        "device_digest": bytes(32),
        "device_name": "Amina's phone",
        "device_platform": DevicePlatform.ANDROID,
        "started_at": commands.now,
        "seen_at": commands.now,
        "expires_at": commands.now + timedelta(days=7),
        "second_factor_at": commands.now,
    }
    async with commands.database.transaction() as connection:
        await connection.execute(insert(sessions), [session])
    return payee


async def show_pin(commands: Commands, payee: Actor) -> None:
    """Once more, now."""
    shown = update(sessions).where(sessions.c.id == payee.session_id).values(second_factor_at=commands.now)
    async with commands.database.transaction() as connection:
        await connection.execute(shown)


async def make_payout(  # noqa: PLR0913  # what a person says who wants money
    commands: Commands,
    gateways: Gateways,
    payee: Actor,
    amount: Money,
    *,
    rail: PayoutRail = PayoutRail.SANDBOX,
    destination: str | None = BANK,
    terms: PayoutTerms = TERMS,
) -> Payout:
    """A payout that waits for finance."""
    async with commands.by(payee) as uow:
        return await request_payout(uow, gateways, amount=amount, rail=rail, destination=destination, terms=terms)


async def approve(commands: Commands, clerk: Actor, payout: Payout) -> Payout:
    """A clerk lets it leave."""
    async with commands.by(clerk) as uow:
        return await approve_payout(uow, payout_id=payout.id)


async def export(
    commands: Commands,
    gateways: Gateways,
    clerk: Actor,
    *,
    asset: Asset = Asset.KES,
    format: BankFileFormat = BankFileFormat.PAIN_001,
) -> BankFile:
    """What is approved leaves by bank."""
    async with commands.by(clerk) as uow:
        return await export_payouts(uow, gateways, asset=asset, format=format, terms=OURS)
