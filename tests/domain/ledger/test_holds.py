"""Money set aside: held, then taken, given back or expired, once."""

import asyncio
from datetime import timedelta

import pytest

from domain.errors import DomainError
from domain.identity.actor import Actor
from domain.ledger import chart
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.errors import (
    CaptureExceedsHold,
    HoldAlreadySettled,
    HoldNotFound,
    InsufficientFunds,
    ReferenceReused,
)
from domain.ledger.hold_state import HoldState
from domain.ledger.holds import capture, expire_due_holds, hold, release
from domain.ledger.ports import HoldOutcome, Posting
from domain.ledger.transfer import Transfer
from domain.money import Asset, Money
from tests.commands import NOON, Commands
from tests.makers.wallets import kes, make_holder, posted, sending, verified, wallet

TOMORROW = NOON + timedelta(days=1)


async def held(commands: Commands, holder: Actor, amount: Money, *, reference: str = "payout:1:held") -> HoldOutcome:
    return await held_on(commands, chart.user_wallet(holder.user_id, amount.asset), amount, reference=reference)


async def held_on(commands: Commands, account: AccountRef, amount: Money, *, reference: str) -> HoldOutcome:
    async with commands.by_system() as uow:
        return await hold(
            uow,
            reference=reference,
            account=account,
            amount=amount,
            code=TransferCode.PERSON_TO_PERSON,
            expires_at=TOMORROW,
        )


async def captured(commands: Commands, transfer: Transfer, *, reference: str = "payout:1:held") -> Posting:
    async with commands.by_system() as uow:
        return await capture(uow, reference=reference, transfer=transfer)


async def released(commands: Commands, *, reference: str = "payout:1:held") -> HoldOutcome:
    async with commands.by_system() as uow:
        return await release(uow, reference=reference)


async def expired(commands: Commands) -> int:
    async with commands.by_system() as uow:
        return await expire_due_holds(uow)


async def test_what_is_held_stays_in_the_balance_and_cannot_be_spent(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    outcome = await held(commands, amina, kes(700))

    now = await wallet(commands, amina)
    assert (outcome.state, outcome.is_new) == (HoldState.HELD, True)
    assert (now.balance, now.held, now.available, now.version) == (kes(1_000), kes(700), kes(300), 2)
    with pytest.raises(InsufficientFunds) as refusal:
        await posted(commands, sending("transfer:1", amina, brian, kes(301)))
    assert refusal.value.available == kes(300)
    assert (await posted(commands, sending("transfer:2", amina, brian, kes(300)))).is_new
    assert (await verified(commands)).is_sound


async def test_more_than_is_available_cannot_be_held(commands: Commands) -> None:
    amina = await make_holder(commands, kes(1_000))
    await held(commands, amina, kes(700))

    with pytest.raises(InsufficientFunds) as refusal:
        await held(commands, amina, kes(301), reference="payout:2:held")

    assert (refusal.value.needed, refusal.value.available) == (kes(301), kes(300))
    assert (await wallet(commands, amina)).held == kes(700)


async def test_holding_again_holds_once_and_a_reference_names_one_hold(commands: Commands) -> None:
    amina = await make_holder(commands, kes(1_000))

    outcomes = await asyncio.gather(*(held(commands, amina, kes(100)) for _ in range(20)))

    assert sum(outcome.is_new for outcome in outcomes) == 1
    assert (await wallet(commands, amina)).held == kes(100)
    assert len(await commands.events("wallet.hold")) == 1
    with pytest.raises(ReferenceReused):
        await held(commands, amina, kes(101))


async def test_a_capture_takes_what_was_held(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    await held(commands, amina, kes(700))

    posting = await captured(commands, sending("payout:1:paid", amina, brian, kes(700)))

    now = await wallet(commands, amina)
    assert posting.is_new
    assert (now.balance, now.held) == (kes(300), kes(0))
    assert (await wallet(commands, brian)).balance == kes(700)
    told = [
        (event.body["state"], event.body["available"]["amountMinor"]) for event in await commands.events("wallet.hold")
    ]
    assert told == [("HELD", 300), ("CAPTURED", 300)]
    assert (await verified(commands)).is_sound


async def test_a_capture_of_less_gives_the_rest_back(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    await held(commands, amina, kes(700))

    await captured(commands, sending("payout:1:paid", amina, brian, kes(500)))

    now = await wallet(commands, amina)
    assert (now.balance, now.held, now.available) == (kes(500), kes(0), kes(500))


async def test_capturing_again_takes_it_once(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    await held(commands, amina, kes(700))
    transfer = sending("payout:1:paid", amina, brian, kes(700))

    postings = await asyncio.gather(*(captured(commands, transfer) for _ in range(10)))

    assert sum(posting.is_new for posting in postings) == 1
    assert (await wallet(commands, brian)).balance == kes(700)
    assert (await verified(commands)).is_sound


async def test_only_what_was_held_can_be_taken(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands, kes(1_000))
    await held(commands, amina, kes(700))

    with pytest.raises(CaptureExceedsHold):
        await captured(commands, sending("payout:1:paid", amina, brian, kes(701)))
    with pytest.raises(CaptureExceedsHold):
        await captured(commands, sending("payout:1:paid", brian, amina, kes(100)))

    assert (await wallet(commands, amina)).held == kes(700)


async def test_a_capture_needs_a_transfer_of_its_own(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    await held(commands, amina, kes(700))
    transfer = sending("transfer:1", amina, brian, kes(100))
    await posted(commands, transfer)

    with pytest.raises(ReferenceReused):
        await captured(commands, transfer)

    assert (await wallet(commands, amina)).held == kes(700)


async def test_a_release_gives_it_back_once(commands: Commands) -> None:
    amina = await make_holder(commands, kes(1_000))
    await held(commands, amina, kes(700))

    first, again = await released(commands), await released(commands)

    assert (first.state, first.is_new, again.is_new) == (HoldState.RELEASED, True, False)
    assert (await wallet(commands, amina)).available == kes(1_000)
    assert len(await commands.events("wallet.hold")) == 2
    assert (await verified(commands)).is_sound


async def test_a_hold_ends_once(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    await held(commands, amina, kes(700))
    await released(commands)

    with pytest.raises(HoldAlreadySettled) as refusal:
        await captured(commands, sending("payout:1:paid", amina, brian, kes(700)))

    assert refusal.value.state is HoldState.RELEASED
    assert (await wallet(commands, brian)).balance == kes(0)


async def test_a_release_and_a_capture_that_meet_and_one_wins(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    await held(commands, amina, kes(700))

    outcomes = await asyncio.gather(
        released(commands),
        captured(commands, sending("payout:1:paid", amina, brian, kes(700))),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes if isinstance(outcome, DomainError)] == [HoldAlreadySettled]
    assert (await wallet(commands, amina)).held == kes(0)
    assert (await verified(commands)).is_sound


async def test_what_nobody_held_cannot_be_settled(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    with pytest.raises(HoldNotFound):
        await released(commands)
    with pytest.raises(HoldNotFound):
        await captured(commands, sending("payout:1:paid", amina, brian, kes(1)))


async def test_time_gives_back_what_is_due_and_nothing_else(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands, kes(50))
    await held(commands, amina, kes(700))
    await held(commands, brian, kes(50), reference="payout:2:held")
    assert await expired(commands) == 0

    commands.later(timedelta(days=1))
    await captured(commands, sending("payout:2:paid", brian, amina, kes(50)), reference="payout:2:held")

    assert (await expired(commands), await expired(commands)) == (1, 0)
    now = await wallet(commands, amina)
    assert (now.balance, now.held) == (kes(1_050), kes(0))
    assert (await commands.events("wallet.hold"))[-1].body["state"] == "EXPIRED"
    with pytest.raises(HoldAlreadySettled):
        await released(commands)
    assert (await verified(commands)).is_sound


async def test_an_account_that_can_be_overdrawn_holds_nothing(commands: Commands) -> None:
    with pytest.raises(AssertionError, match="cannot be overdrawn"):
        await held_on(commands, chart.adjustments(Asset.KES), kes(1), reference="payout:1:held")
