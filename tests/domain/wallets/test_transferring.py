"""One person sends money to another."""

import asyncio

import pytest
from sqlalchemy import update

from db.tables.identity import users
from domain.errors import DomainError, InvalidInput
from domain.identity.actor import Actor
from domain.identity.user import UserStatus
from domain.ids import UserId, WalletId, new_id
from domain.ledger.account import wallet_id_of
from domain.ledger.errors import InsufficientFunds, ReferenceReused
from domain.ledger.transfer import MOVE_MINOR_MAX
from domain.money import Asset, Money
from domain.wallets.booking import Booking
from domain.wallets.errors import RecipientCannotReceive, RecipientNotFound, WalletNotFound
from domain.wallets.transferring import ToPerson, ToWallet, transfer_between_people
from tests.commands import Commands
from tests.makers.wallets import kes, make_holder, points, usdt, verified, wallet


async def send(  # noqa: PLR0913  # what a person says when they send
    commands: Commands,
    sender: Actor,
    recipient: ToPerson | ToWallet,
    amount: Money,
    *,
    source: WalletId | None = None,
    note: str | None = None,
    key: str = "k1",
) -> Booking:
    async with commands.by(sender) as uow:
        return await transfer_between_people(
            uow,
            from_wallet_id=source or wallet_id_of(sender.user_id, amount.asset),
            recipient=recipient,
            amount=amount,
            note=note,
            key=key,
        )


def person(holder: Actor) -> ToPerson:
    return ToPerson(holder.user_id)


async def test_a_person_sends_to_a_person(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    booking = await send(commands, amina, person(brian), kes(300), note="  for   lunch ")

    assert booking.posting.is_new
    assert (booking.balance.id, booking.balance.available) == (wallet_id_of(amina.user_id, Asset.KES), kes(700))
    assert booking.transfer.note == "for lunch"
    assert (await wallet(commands, brian)).balance == kes(300)


async def test_a_person_sends_to_a_wallet(commands: Commands) -> None:
    amina, brian = await make_holder(commands, points(10)), await make_holder(commands)

    await send(commands, amina, ToWallet(wallet_id_of(brian.user_id, Asset.POINTS)), points(4))

    assert (await wallet(commands, brian, Asset.POINTS)).balance == points(4)


async def test_the_same_key_sends_once_for_ever(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    first = await send(commands, amina, person(brian), kes(300))
    again = await send(commands, amina, person(brian), kes(300))

    assert (again.posting.transfer_id, again.posting.is_new) == (first.posting.transfer_id, False)
    assert again.balance == first.balance
    with pytest.raises(ReferenceReused):
        await send(commands, amina, person(brian), kes(301))
    assert (await wallet(commands, brian)).balance == kes(300)


async def test_a_key_is_one_persons_own_and_nobody_reads_it(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands, kes(1_000))

    there = await send(commands, amina, person(brian), kes(300), key="lunch with Chebet")
    back = await send(commands, brian, person(amina), kes(300), key="lunch with Chebet")

    assert back.posting.is_new
    assert there.transfer.reference != back.transfer.reference
    assert there.transfer.reference.startswith("transfer:")
    assert "lunch" not in there.transfer.reference


async def test_fifty_equal_commands_at_once_send_once(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    bookings = await asyncio.gather(*(send(commands, amina, person(brian), kes(300)) for _ in range(50)))

    assert sum(booking.posting.is_new for booking in bookings) == 1
    assert (await wallet(commands, amina)).balance == kes(700)
    assert (await verified(commands)).is_sound


async def test_only_ones_own_wallet_is_sent_from_and_no_other_seems_to_exist(commands: Commands) -> None:
    amina, brian = await make_holder(commands), await make_holder(commands, kes(1_000))
    brians = wallet_id_of(brian.user_id, Asset.KES)

    refusals = []
    for source in (brians, WalletId(new_id())):
        with pytest.raises(WalletNotFound) as refusal:
            await send(commands, amina, person(amina), kes(1), source=source)
        refusals.append(str(refusal.value))

    assert refusals[0] == refusals[1]
    assert (await wallet(commands, brian)).balance == kes(1_000)


async def test_there_must_be_somebody_to_send_to(commands: Commands) -> None:
    amina = await make_holder(commands, kes(1_000))

    for nobody in (ToPerson(UserId(new_id())), ToWallet(WalletId(new_id()))):
        with pytest.raises(RecipientNotFound):
            await send(commands, amina, nobody, kes(1))

    assert (await wallet(commands, amina)).balance == kes(1_000)


async def test_a_blocked_person_receives_nothing(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    async with commands.database.transaction() as connection:
        await connection.execute(
            update(users).where(users.c.id == brian.user_id).values(status=UserStatus.BLOCKED, blocked_reason="fraud")
        )

    with pytest.raises(RecipientCannotReceive) as refusal:
        await send(commands, amina, person(brian), kes(1))

    assert "fraud" not in str(refusal.value)
    assert (await wallet(commands, amina)).balance == kes(1_000)


@pytest.mark.parametrize(
    ("amount", "path"),
    [
        (kes(0), ("amount", "amount")),
        (kes(-5), ("amount", "amount")),
        (kes(MOVE_MINOR_MAX + 1), ("amount", "amount")),
        (usdt(5), ("amount", "asset")),
    ],
)
async def test_only_a_positive_amount_of_the_wallets_asset_is_sent(
    commands: Commands, amount: Money, path: tuple[str, ...]
) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    with pytest.raises(InvalidInput) as refusal:
        await send(commands, amina, person(brian), amount, source=wallet_id_of(amina.user_id, Asset.KES))

    assert [fault.path for fault in refusal.value.faults] == [path]
    assert (await verified(commands)).transfers == 1


async def test_nobody_sends_to_themselves_or_to_a_wallet_of_another_asset(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    others = ToWallet(wallet_id_of(brian.user_id, Asset.USDT))
    own = ToWallet(wallet_id_of(amina.user_id, Asset.KES))

    for recipient in (others, own, person(amina)):
        with pytest.raises(InvalidInput) as refusal:
            await send(commands, amina, recipient, kes(1))
        assert [fault.path for fault in refusal.value.faults] == [("recipientId",)]

    assert (await wallet(commands, amina)).version == 1


async def test_a_note_has_a_length(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    with pytest.raises(InvalidInput) as refusal:
        await send(commands, amina, person(brian), kes(1), note="x" * 141)

    assert [fault.path for fault in refusal.value.faults] == [("note",)]
    assert (await send(commands, amina, person(brian), kes(1), note=" ")).transfer.note is None


async def test_two_who_spend_one_balance_and_one_wins(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    outcomes = await asyncio.gather(
        *(send(commands, amina, person(brian), kes(1_000), key=f"k{number}") for number in range(2)),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes if isinstance(outcome, DomainError)] == [InsufficientFunds]
    assert (await wallet(commands, brian)).balance == kes(1_000)
