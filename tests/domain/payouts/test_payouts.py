"""Money leaves once: set aside when asked for, let out by others than its owner, booked when the rail says so."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.reads.payouts import payout_by_id
from db.tables.payouts import payouts
from domain.errors import DomainError, InvalidInput, QuotaExceeded
from domain.gateways import Gateways
from domain.identity.blocking import block_user
from domain.identity.errors import OwnAccount
from domain.identity.roles import Role
from domain.identity.second_factor import SecondFactorNeeded
from domain.ledger import chart
from domain.ledger.errors import InsufficientFunds
from domain.money import Asset, Money
from domain.payouts.errors import (
    PayeeBlocked,
    PayoutAlreadyDecided,
    PayoutLimitExceeded,
    PayoutNotUnderWay,
    PayoutRailUnavailable,
    PayoutReceiptUsed,
    SecondPersonNeeded,
)
from domain.payouts.execution import record_outcome
from domain.payouts.outcome import Failed, Outcome, Paid, Unknown
from domain.payouts.payout import Payout
from domain.payouts.requesting import request_payout
from domain.payouts.review import reject_payout
from domain.payouts.settling import settle_payout
from domain.payouts.state import PayoutRail, PayoutState
from domain.wallets.errors import RateUnavailable
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.payouts import TERMS, approve, export, make_payee, make_payout, show_pin
from tests.makers.people import make_person
from tests.makers.wallets import balance, kes, make_holder, points, usdt, verified, wallet

WAGE = kes(129_250)  # ten USDT
RICH = kes(100_000_000)


async def stored(commands: Commands, payout: Payout) -> Payout:
    async with commands.database.read() as connection:
        found = await payout_by_id(connection, payout.id)
    assert found is not None
    return found


async def outcome(commands: Commands, payout: Payout, told: Outcome) -> Payout:
    async with commands.by_system() as uow:
        return await record_outcome(uow, payout_id=payout.id, outcome=told)


async def test_it_is_set_aside_approved_and_booked(commands: Commands, gateways: Gateways) -> None:
    await observe(commands)
    amina, clerk = await make_payee(commands, RICH), await make_person(commands, Role.FINANCE)

    payout = await make_payout(commands, gateways, amina, WAGE, rail=PayoutRail.BANK_TRANSFER)
    held = await wallet(commands, amina)
    assert (held.balance, held.held, payout.state) == (RICH, WAGE, PayoutState.HELD)
    assert (payout.destination_hint, b"0100" in payout.sealed_destination) == ("…jiru", False)
    assert (await approve(commands, clerk, payout)).state is PayoutState.APPROVED
    await export(commands, gateways, clerk)
    sent = await stored(commands, payout)
    assert (sent.state, sent.sent_as) == (PayoutState.SENDING, payout.label)
    async with commands.by(clerk) as uow:
        paid = await settle_payout(uow, payout_id=payout.id, outcome=Paid("FT99"), reason="Bank statement of today")

    after = await wallet(commands, amina)
    assert (paid.state, paid.receipt_number) == (PayoutState.PAID, "FT99")
    assert (after.balance, after.held) == (RICH - WAGE, kes(0))
    assert await balance(commands, chart.rail("bank_transfer", Asset.KES)) == WAGE
    assert (await verified(commands)).is_sound
    told = [event.body["state"] for event in await commands.events("payout.updated")]
    assert told == ["HELD", "APPROVED", "SENDING", "PAID"]
    assert "0100" not in str([event.body for event in await commands.events()]) + str(await commands.trail())


async def test_a_rejected_or_failed_one_is_available_again(commands: Commands, gateways: Gateways) -> None:
    await observe(commands)
    amina, clerk = await make_payee(commands, RICH), await make_person(commands, Role.FINANCE)
    rejected, failed = [await make_payout(commands, gateways, amina, WAGE) for _ in range(2)]

    async with commands.by(clerk) as uow:
        await reject_payout(uow, payout_id=rejected.id, reason="The account is not yours.")
    await approve(commands, clerk, failed)
    async with commands.by_system() as uow:
        [claimed] = await uow.payouts.claim_approved(PayoutRail.SANDBOX, limit=5)
        uow.emit(claimed.send(at=uow.now))
    await outcome(commands, failed, Failed("NO_SUCH_ACCOUNT"))

    after = await wallet(commands, amina)
    assert (after.balance, after.held) == (RICH, kes(0))
    assert [(found.state, found.failure) for found in [await stored(commands, one) for one in (rejected, failed)]] == [
        (PayoutState.REJECTED, "The account is not yours."),
        (PayoutState.FAILED, "NO_SUCH_ACCOUNT"),
    ]
    assert (await verified(commands)).is_sound


async def test_an_unknown_one_stays_held_until_somebody_knows_and_ends_once(
    commands: Commands, gateways: Gateways
) -> None:
    await observe(commands)
    amina, clerk = await make_payee(commands, RICH), await make_person(commands, Role.FINANCE)
    payout = await make_payout(commands, gateways, amina, WAGE, rail=PayoutRail.BANK_TRANSFER)
    await approve(commands, clerk, payout)
    await export(commands, gateways, clerk)

    await outcome(commands, payout, Unknown())
    commands.later(timedelta(days=400))
    assert (await wallet(commands, amina)).held == WAGE
    ends = [await outcome(commands, payout, told) for told in (Unknown(), Paid("FT1"), Paid("FT2"), Failed("late"))]

    assert [end.state for end in ends] == [PayoutState.UNKNOWN] + [PayoutState.PAID] * 3
    assert (await stored(commands, payout)).receipt_number == "FT1"
    after = await wallet(commands, amina)
    assert (after.balance, after.held) == (RICH - WAGE, kes(0))
    with pytest.raises(PayoutNotUnderWay):
        async with commands.by(clerk) as uow:
            await settle_payout(uow, payout_id=payout.id, outcome=Failed("never"), reason="Once more")


async def test_of_contrary_words_at_once_one_counts(commands: Commands, gateways: Gateways) -> None:
    await observe(commands)
    amina, clerk = await make_payee(commands, RICH), await make_person(commands, Role.FINANCE)
    payout = await make_payout(commands, gateways, amina, WAGE, rail=PayoutRail.BANK_TRANSFER)
    await approve(commands, clerk, payout)
    await export(commands, gateways, clerk)

    words: list[Outcome] = [Paid("FT1"), Failed("no"), Unknown(), Paid("FT2")]
    await asyncio.gather(*(outcome(commands, payout, told) for told in words * 3))

    end, after = await stored(commands, payout), await wallet(commands, amina)
    assert after.held == kes(0)
    assert after.balance == (RICH - WAGE if end.state is PayoutState.PAID else RICH)
    assert end.state in (PayoutState.PAID, PayoutState.FAILED)
    assert (await verified(commands)).is_sound


async def test_a_large_one_needs_two_different_persons(commands: Commands, gateways: Gateways) -> None:
    await observe(commands)
    amina = await make_payee(commands, RICH)
    first, second = [await make_person(commands, Role.FINANCE) for _ in range(2)]
    payout = await make_payout(commands, gateways, amina, kes(6_462_500))  # five hundred USDT

    once = await approve(commands, first, payout)
    assert (once.needs_two_persons, once.state, once.first_approved_by) == (True, PayoutState.HELD, first.user_id)
    with pytest.raises(SecondPersonNeeded):
        await approve(commands, first, payout)
    twice = await approve(commands, second, payout)

    assert (twice.state, twice.decided_by) == (PayoutState.APPROVED, second.user_id)
    with pytest.raises(PayoutAlreadyDecided):
        await approve(commands, first, payout)


async def test_two_clerks_at_once_are_two_persons_and_one_clerk_is_one(commands: Commands, gateways: Gateways) -> None:
    await observe(commands)
    amina = await make_payee(commands, RICH)
    clerk = await make_person(commands, Role.FINANCE)
    payout = await make_payout(commands, gateways, amina, kes(6_462_500))

    ends = await asyncio.gather(*(approve(commands, clerk, payout) for _ in range(5)), return_exceptions=True)

    assert sum(isinstance(end, Payout) for end in ends) == 1
    assert (await stored(commands, payout)).state is PayoutState.HELD


async def test_nobody_decides_about_their_own(commands: Commands, gateways: Gateways) -> None:
    await observe(commands)
    amina = await make_payee(commands, RICH)
    payout = await make_payout(commands, gateways, amina, WAGE)

    with pytest.raises(OwnAccount):
        await approve(commands, amina, payout)
    with pytest.raises(OwnAccount):
        async with commands.by(amina) as uow:
            await reject_payout(uow, payout_id=payout.id, reason="Changed my mind")

    assert (await stored(commands, payout)).state is PayoutState.HELD


async def test_three_a_day_and_a_limit_by_value(commands: Commands, gateways: Gateways) -> None:
    await observe(commands)
    amina, clerk = await make_payee(commands, RICH), await make_person(commands, Role.FINANCE)

    asked = [await make_payout(commands, gateways, amina, WAGE) for _ in range(3)]
    with pytest.raises(QuotaExceeded) as refused:
        await make_payout(commands, gateways, amina, WAGE)
    assert refused.value.retry_after_seconds == 86_400
    async with commands.by(clerk) as uow:
        await reject_payout(uow, payout_id=asked[0].id, reason="Wrong account")
    with pytest.raises(PayoutLimitExceeded) as over:
        await make_payout(commands, gateways, amina, kes(12_666_501))  # 980.000077 USDT, beside twenty
    assert (over.value.limit, over.value.left) == (usdt(1_000_000_000), usdt(980_000_000))
    await make_payout(commands, gateways, amina, kes(12_666_500))

    assert (await wallet(commands, amina)).held == kes(12_666_500 + 2 * 129_250)
    commands.later(timedelta(days=1))
    await show_pin(commands, amina)
    await observe(commands)
    await make_payout(commands, gateways, amina, WAGE)


async def test_of_many_requests_at_once_three_are_taken(commands: Commands, gateways: Gateways) -> None:
    await observe(commands)
    amina = await make_payee(commands, RICH)

    async def once() -> str:
        try:
            await make_payout(commands, gateways, amina, WAGE)
        except DomainError as refusal:
            return type(refusal).__name__
        return "taken"

    ends = await asyncio.gather(*(once() for _ in range(12)))

    assert ends.count("taken") == 3
    assert set(ends) <= {"taken", "QuotaExceeded", "Overloaded"}
    assert (await wallet(commands, amina)).held == kes(3 * 129_250)


@pytest.mark.parametrize(
    ("amount", "changes", "refusal"),
    [
        (kes(0), {}, InvalidInput),
        (kes(-5), {}, InvalidInput),
        (WAGE, {"destination": "x"}, InvalidInput),
        (WAGE, {"destination": "x" * 201}, InvalidInput),
        (WAGE, {"rail": PayoutRail.BANK_TRANSFER, "destination": "Equity Bank 0100 7654 321"}, InvalidInput),
        (points(10), {}, PayoutRailUnavailable),
        (usdt(10), {}, PayoutRailUnavailable),
        (WAGE, {"terms": replace(TERMS, rails=frozenset({PayoutRail.BANK_TRANSFER}))}, PayoutRailUnavailable),
        (kes(100_000_001), {"terms": replace(TERMS, day_limit=Money(10**12, Asset.USDT))}, InsufficientFunds),
    ],
)
async def test_faulty_requests_set_nothing_aside(
    commands: Commands, gateways: Gateways, amount: Money, changes: dict[str, object], refusal: type[Exception]
) -> None:
    await observe(commands)
    amina = await make_payee(commands, RICH, points(100), usdt(100))

    with pytest.raises(refusal):
        await make_payout(commands, gateways, amina, amount, **changes)  # type: ignore[arg-type]

    async with commands.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(payouts)) == 0
    assert (await wallet(commands, amina)).held == kes(0)


async def test_without_a_second_factor_shown_lately_nothing_leaves(commands: Commands, gateways: Gateways) -> None:
    await observe(commands)
    amina, never = await make_payee(commands, RICH), await make_holder(commands, RICH)

    commands.later(timedelta(minutes=5))
    await make_payout(commands, gateways, amina, WAGE)
    commands.later(timedelta(seconds=1))
    with pytest.raises(SecondFactorNeeded):
        await make_payout(commands, gateways, amina, WAGE)
    with pytest.raises(DomainError):
        await make_payout(commands, gateways, never, WAGE)

    assert (await wallet(commands, never)).held == kes(0)
    assert (await wallet(commands, amina)).held == WAGE


async def test_without_a_rate_no_limit_can_be_kept_and_nothing_leaves(commands: Commands, gateways: Gateways) -> None:
    amina = await make_payee(commands, RICH)

    with pytest.raises(RateUnavailable):
        await make_payout(commands, gateways, amina, WAGE)

    assert (await wallet(commands, amina)).held == kes(0)


async def test_nothing_leaves_to_somebody_who_is_blocked_until_they_are_let_in(
    commands: Commands, gateways: Gateways
) -> None:
    await observe(commands)
    amina, clerk = await make_payee(commands, RICH), await make_person(commands, Role.FINANCE)
    kept, rejected = [
        await make_payout(commands, gateways, amina, WAGE, rail=PayoutRail.BANK_TRANSFER) for _ in range(2)
    ]
    async with commands.by_system() as uow:
        await block_user(uow, user_id=amina.user_id, reason="Fraud", until=commands.now + timedelta(hours=1))

    with pytest.raises(PayeeBlocked):
        await approve(commands, clerk, kept)
    async with commands.by(clerk) as uow:
        await reject_payout(uow, payout_id=rejected.id, reason="The account was taken over.")

    assert ((await stored(commands, kept)).state, (await wallet(commands, amina)).held) == (PayoutState.HELD, WAGE)
    assert (await stored(commands, rejected)).state is PayoutState.REJECTED
    commands.later(timedelta(hours=1))
    assert (await approve(commands, clerk, kept)).state is PayoutState.APPROVED


@pytest.mark.parametrize("outcome", [Paid("\n FT \t 99 "), Failed("  no \n such account ")])
async def test_what_finance_types_is_kept_as_one_line(
    commands: Commands, gateways: Gateways, outcome: Paid | Failed
) -> None:
    await observe(commands)
    amina, clerk = await make_payee(commands, RICH), await make_person(commands, Role.FINANCE)
    payout = await make_payout(commands, gateways, amina, WAGE, rail=PayoutRail.BANK_TRANSFER)
    await approve(commands, clerk, payout)
    await export(commands, gateways, clerk)

    async with commands.by(clerk) as uow:
        end = await settle_payout(uow, payout_id=payout.id, outcome=outcome, reason="Bank statement of today")

    assert (end.receipt_number or end.failure) == ("FT 99" if isinstance(outcome, Paid) else "no such account")


async def test_a_number_of_the_bank_settles_one_payout_however_it_is_typed(
    commands: Commands, gateways: Gateways
) -> None:
    await observe(commands)
    amina, clerk = await make_payee(commands, RICH), await make_person(commands, Role.FINANCE)
    first, second = [
        await make_payout(commands, gateways, amina, WAGE, rail=PayoutRail.BANK_TRANSFER) for _ in range(2)
    ]
    for payout in (first, second):
        await approve(commands, clerk, payout)
    await export(commands, gateways, clerk)

    async def settle(payout: Payout, number: str) -> Payout:
        async with commands.by(clerk) as uow:
            return await settle_payout(uow, payout_id=payout.id, outcome=Paid(number), reason="Bank statement")

    await settle(first, "FT99")
    trail = len(await commands.trail())
    for typed in ("FT99", "ft 99", " F T\t9 9 ", "\uff26\uff3499"):
        with pytest.raises(PayoutReceiptUsed):
            await settle(second, typed)
    with pytest.raises(InvalidInput):
        await settle(second, "FT9\u0439")

    after = await wallet(commands, amina)
    assert (after.balance, after.held, len(await commands.trail())) == (RICH - WAGE, WAGE, trail)
    assert (await stored(commands, second)).state is PayoutState.SENDING
    assert (await settle(second, "FT100")).state is PayoutState.PAID
    assert (await verified(commands)).is_sound


async def test_of_two_payouts_at_once_one_has_the_number(commands: Commands, gateways: Gateways) -> None:
    await observe(commands)
    amina, clerk = await make_payee(commands, RICH), await make_person(commands, Role.FINANCE)
    both = [await make_payout(commands, gateways, amina, WAGE, rail=PayoutRail.BANK_TRANSFER) for _ in range(2)]
    for payout in both:
        await approve(commands, clerk, payout)
    await export(commands, gateways, clerk)

    ends = await asyncio.gather(*(outcome(commands, one, Paid("FT1")) for one in both * 2), return_exceptions=True)

    assert sum(isinstance(end, PayoutReceiptUsed) for end in ends) == 2
    assert sorted([(await stored(commands, one)).state for one in both]) == [PayoutState.PAID, PayoutState.SENDING]
    after = await wallet(commands, amina)
    assert (after.balance, after.held) == (RICH - WAGE, WAGE)


async def test_a_block_and_a_request_at_once_do_not_wait_for_each_other_for_ever(
    commands: Commands, gateways: Gateways
) -> None:
    await observe(commands)
    amina, is_asked = await make_payee(commands, RICH), asyncio.Event()

    async def ask() -> None:
        async with commands.by(amina) as uow:
            await request_payout(
                uow, gateways, amount=WAGE, rail=PayoutRail.SANDBOX, destination="Equity 0100", terms=TERMS
            )
            is_asked.set()
            await asyncio.sleep(0.2)  # the block has the person's row, and waits for the session's

    async def block() -> None:
        await is_asked.wait()
        async with commands.by_system() as uow:
            await block_user(uow, user_id=amina.user_id, reason="Fraud", until=None)

    await asyncio.gather(ask(), block())

    assert (await wallet(commands, amina)).held == WAGE
