"""A promise is kept for a minute, once, to the person it was made to, whatever rates do meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from db.tables.conversion import conversion_quotes
from db.tables.ledger import ledger_transfers
from domain.errors import InvalidInput
from domain.ids import IdKind, QuoteId, encode_id, new_id
from domain.ledger import chart
from domain.ledger.errors import InsufficientFunds
from domain.ledger.transfer import MOVE_MINOR_MAX
from domain.money import Asset, Money
from domain.wallets.conversion import Conversion, execute_conversion
from domain.wallets.errors import QuoteAlreadyExecuted, QuoteExpired, QuoteNotFound, RateUnavailable
from tests.commands import Commands
from tests.makers.conversion import execute, make_quote, observe
from tests.makers.wallets import balance, kes, make_holder, points, usdt, verified, wallet

TEN_USDT = usdt(10_000_000)


async def test_both_sides_and_the_fee_are_booked_at_once(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands, TEN_USDT)
    quoted = await make_quote(commands, amina, TEN_USDT, Asset.KES)

    executed = await execute(commands, amina, quoted)

    assert executed.posting.is_new
    assert (await wallet(commands, amina, Asset.USDT)).balance == usdt(0)
    assert (await wallet(commands, amina)).balance == kes(127_957)
    assert await balance(commands, chart.platform_revenue()) == usdt(100_000)
    assert await balance(commands, chart.conversion(Asset.USDT)) == usdt(9_900_000)
    assert await balance(commands, chart.conversion(Asset.KES)) == kes(-127_957)
    assert (await verified(commands)).is_sound
    told = await commands.events("wallet.update")
    assert {event.body["txn"]["reference"] for event in told[-2:]} == {executed.quote.reference}


async def test_the_transfer_names_the_rates(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands, kes(10_000))
    quoted = await make_quote(commands, amina, kes(10_000), Asset.INR)

    executed = await execute(commands, amina, quoted)

    ids = [encode_id(IdKind.EXCHANGE_RATE, rate.id) for rate in quoted.rates]
    assert executed.posting.note == f"129.25 KES/USDT {ids[0]}; 84.5 INR/USDT {ids[1]}"
    assert (executed.quote.amount_rate_id, executed.quote.result_rate_id) == tuple(rate.id for rate in quoted.rates)


async def test_a_wallet_is_opened_for_what_one_never_had(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands, TEN_USDT)

    for amount in (4_000_000, 6_000_000):
        await execute(commands, amina, await make_quote(commands, amina, usdt(amount), Asset.EUR))

    assert (await wallet(commands, amina, Asset.EUR)).balance == Money(364 + 546, Asset.EUR)
    assert (await verified(commands)).is_sound


async def test_what_was_promised_is_kept_whatever_rates_do(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands, TEN_USDT)
    quoted = await make_quote(commands, amina, TEN_USDT, Asset.KES)

    commands.later(timedelta(seconds=59))
    await observe(commands, {Asset.KES: Decimal(1)})
    await execute(commands, amina, quoted)

    assert (await wallet(commands, amina)).balance == kes(127_957)


async def test_after_its_minute_a_promise_is_worth_nothing(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands, TEN_USDT)
    quoted = await make_quote(commands, amina, TEN_USDT, Asset.KES)

    commands.later(timedelta(seconds=60))
    with pytest.raises(QuoteExpired):
        await execute(commands, amina, quoted)

    assert await conversions(commands) == 0
    assert (await wallet(commands, amina, Asset.USDT)).balance == TEN_USDT


async def test_a_promise_is_kept_once(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands, usdt(20_000_000))
    quoted = await make_quote(commands, amina, TEN_USDT, Asset.KES)

    await execute(commands, amina, quoted)
    with pytest.raises(QuoteAlreadyExecuted):
        await execute(commands, amina, quoted)

    assert await conversions(commands) == 1
    assert (await wallet(commands, amina, Asset.USDT)).balance == TEN_USDT


async def test_of_many_at_once_one_is_carried_out(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands, usdt(100_000_000))
    quoted = await make_quote(commands, amina, TEN_USDT, Asset.KES)

    ends = await asyncio.gather(*(execute(commands, amina, quoted) for _ in range(10)), return_exceptions=True)

    assert sum(isinstance(end, Conversion) for end in ends) == 1
    assert sum(isinstance(end, QuoteAlreadyExecuted) for end in ends) == 9
    assert await conversions(commands) == 1
    assert (await wallet(commands, amina)).balance == kes(127_957)


async def test_nobody_uses_what_another_was_promised(commands: Commands) -> None:
    await observe(commands)
    amina, brian = await make_holder(commands, TEN_USDT), await make_holder(commands, TEN_USDT)
    quoted = await make_quote(commands, amina, TEN_USDT, Asset.KES)

    with pytest.raises(QuoteNotFound):
        await execute(commands, brian, quoted)
    with pytest.raises(QuoteNotFound):
        async with commands.by(amina) as uow:
            await execute_conversion(uow, quote_id=QuoteId(new_id()))

    assert await conversions(commands) == 0
    assert (await execute(commands, amina, quoted)).posting.is_new


async def test_who_has_not_enough_keeps_the_promise_and_what_they_have(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands, usdt(9_999_999))
    quoted = await make_quote(commands, amina, TEN_USDT, Asset.EUR)

    with pytest.raises(InsufficientFunds):
        await execute(commands, amina, quoted)

    assert await conversions(commands) == 0
    assert (await wallet(commands, amina, Asset.USDT)).balance == usdt(9_999_999)
    async with commands.database.read() as connection:
        assert await connection.scalar(select(conversion_quotes.c.executed_at)) is None


@pytest.mark.parametrize("into", [Asset.KES, Asset.POINTS])
async def test_without_a_fresh_rate_nothing_is_promised(commands: Commands, into: Asset) -> None:
    await observe(commands)
    amina = await make_holder(commands, TEN_USDT)

    commands.later(timedelta(minutes=15))
    with pytest.raises(RateUnavailable) as refused:
        await make_quote(commands, amina, TEN_USDT, into)

    assert refused.value.asset is into
    assert await quotes(commands) == 0


@pytest.mark.parametrize(
    ("amount", "into", "path"),
    [
        (points(5), Asset.POINTS, ("into",)),
        (points(0), Asset.KES, ("amount", "amount")),
        (points(-5), Asset.KES, ("amount", "amount")),
        (points(MOVE_MINOR_MAX + 1), Asset.KES, ("amount", "amount")),
        (usdt(1), Asset.KES, ("amount", "amount")),
    ],
)
async def test_faulty_wishes_are_refused_and_leave_nothing(
    commands: Commands, amount: Money, into: Asset, path: tuple[str, ...]
) -> None:
    await observe(commands)
    amina = await make_holder(commands, points(10))

    with pytest.raises(InvalidInput) as refused:
        await make_quote(commands, amina, amount, into)

    assert [fault.path for fault in refused.value.faults] == [path]
    assert await quotes(commands) == 0


async def quotes(commands: Commands) -> int:
    async with commands.database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(conversion_quotes)) or 0


async def conversions(commands: Commands) -> int:
    counted = select(func.count()).where(ledger_transfers.c.reference.startswith("conversion:"))
    async with commands.database.read() as connection:
        return await connection.scalar(counted) or 0


async def test_two_first_conversions_into_an_asset_at_once_are_both_carried_out(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands, usdt(20_000_000))
    quotes = [await make_quote(commands, amina, usdt(10_000_000), Asset.EUR) for _ in range(2)]

    await asyncio.gather(*(execute(commands, amina, quoted) for quoted in quotes))

    assert (await wallet(commands, amina, Asset.EUR)).balance == quotes[0].quote.result + quotes[1].quote.result
    assert (await wallet(commands, amina, Asset.USDT)).balance == usdt(0)
    assert (await verified(commands)).is_sound
