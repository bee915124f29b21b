"""Posting: once per reference, never below a floor, and the owners are told."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.errors import DomainError
from domain.ids import IdKind, encode_id
from domain.ledger import chart
from domain.ledger.codes import TransferCode
from domain.ledger.errors import BalanceTooLarge, InsufficientFunds, ReferenceReused
from domain.ledger.ports import Posting
from domain.ledger.posting import post
from domain.ledger.statement import transaction_id_of
from domain.ledger.transfer import Move, Transfer, reverse
from domain.money import MINOR_MAX, Asset, Money
from tests.commands import NOON, Commands
from tests.makers.wallets import balance, grant, kes, make_holder, points, posted, sending, verified, wallet


async def test_money_leaves_one_wallet_and_reaches_the_other(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    posting = await posted(commands, sending("transfer:1", amina, brian, kes(300)))

    assert posting.is_new
    assert (await wallet(commands, amina)).balance == kes(700)
    assert (await wallet(commands, brian)).balance == kes(300)
    assert (await verified(commands)).is_sound


async def test_both_owners_are_told_what_they_have_now(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    posting = await posted(commands, sending("transfer:1", amina, brian, kes(300)))

    told = {event.subject: event.body for event in (await commands.events("wallet.update"))[-2:]}
    sender, recipient = await wallet(commands, amina), await wallet(commands, brian)
    assert told == {
        encode_id(IdKind.WALLET, sender.id): {
            "user_id": str(amina.user_id),
            "wallet_id": str(sender.id),
            "balance": {"amountMinor": 700, "asset": "KES"},
            "held": {"amountMinor": 0, "asset": "KES"},
            "available": {"amountMinor": 700, "asset": "KES"},
            "wallet_version": 2,
            "txn": {
                "id": str(transaction_id_of(sender.id, posting.transfer_id)),
                "type": "DEBIT",
                "status": "COMPLETED",
                "amount": {"amountMinor": 300, "asset": "KES"},
                "reference": "transfer:1",
            },
        },
        encode_id(IdKind.WALLET, recipient.id): {
            "user_id": str(brian.user_id),
            "wallet_id": str(recipient.id),
            "balance": {"amountMinor": 300, "asset": "KES"},
            "held": {"amountMinor": 0, "asset": "KES"},
            "available": {"amountMinor": 300, "asset": "KES"},
            "wallet_version": 1,
            "txn": {
                "id": str(transaction_id_of(recipient.id, posting.transfer_id)),
                "type": "CREDIT",
                "status": "COMPLETED",
                "amount": {"amountMinor": 300, "asset": "KES"},
                "reference": "transfer:1",
            },
        },
    }


async def test_the_trail_shows_the_moves_and_the_balances(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    posting = await posted(commands, sending("transfer:1", amina, brian, kes(300)))

    row = (await commands.trail())[-1]
    source, destination = (chart.user_wallet(person.user_id, Asset.KES).path for person in (amina, brian))
    assert row.subject == encode_id(IdKind.TRANSFER, posting.transfer_id)
    assert row.changes[0]["after"] == {
        "reference": "transfer:1",
        "code": "PERSON_TO_PERSON",
        "moves": [f"{source} → {destination}: 3.00"],
    }
    balances = {change["subject"]: (change["before"], change["after"]) for change in row.changes[1:]}
    assert balances == {
        source: ({"balance": "10.00"}, {"balance": "7.00"}),
        destination: ({"balance": "0.00"}, {"balance": "3.00"}),
    }


async def test_posting_again_moves_and_tells_nothing(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    transfer = sending("transfer:1", amina, brian, kes(300))

    first = await posted(commands, transfer)
    told = len(await commands.events())
    commands.later(timedelta(hours=1))
    again = await posted(commands, transfer)

    assert again == Posting(transfer_id=first.transfer_id, is_new=False, at=NOON, note=None, balances=first.balances)
    assert (await wallet(commands, amina)).balance == kes(700)
    assert len(await commands.events()) == told


async def test_a_reference_names_one_transfer(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    await posted(commands, sending("transfer:1", amina, brian, kes(300)))

    with pytest.raises(ReferenceReused) as refusal:
        await posted(commands, sending("transfer:1", amina, brian, kes(301)))

    assert refusal.value.reference == "transfer:1"
    assert (await wallet(commands, amina)).balance == kes(700)


async def test_fifty_equal_posts_at_once_have_one_effect(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    transfer = sending("transfer:1", amina, brian, kes(300))

    postings = await asyncio.gather(*(posted(commands, transfer) for _ in range(50)))

    assert sum(posting.is_new for posting in postings) == 1
    assert len({posting.transfer_id for posting in postings}) == 1
    assert (await wallet(commands, amina)).balance == kes(700)
    assert (await wallet(commands, brian)).balance == kes(300)
    assert (await verified(commands)).is_sound


async def test_a_refused_transfer_leaves_nothing_behind(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(299)), await make_holder(commands)
    told, trail = len(await commands.events()), len(await commands.trail())

    with pytest.raises(InsufficientFunds) as refusal:
        await posted(commands, sending("transfer:1", amina, brian, kes(300)))

    assert refusal.value.account == chart.user_wallet(amina.user_id, Asset.KES)
    assert (refusal.value.needed, refusal.value.available) == (kes(300), kes(299))
    assert (await wallet(commands, amina)).balance == kes(299)
    assert (await wallet(commands, brian)).balance == kes(0)
    assert (len(await commands.events()), len(await commands.trail())) == (told, trail)
    assert (await verified(commands)).transfers == 1


async def test_a_refused_reference_may_be_posted_later(commands: Commands) -> None:
    amina, brian = await make_holder(commands), await make_holder(commands)
    transfer = sending("transfer:1", amina, brian, kes(300))
    with pytest.raises(InsufficientFunds):
        await posted(commands, transfer)

    await posted(commands, grant(chart.user_wallet(amina.user_id, Asset.KES), kes(300)))

    assert (await posted(commands, transfer)).is_new


async def test_two_buyers_of_one_balance_and_one_wins(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    outcomes = await asyncio.gather(
        *(posted(commands, sending(f"transfer:{number}", amina, brian, kes(1_000))) for number in range(2)),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes if isinstance(outcome, DomainError)] == [InsufficientFunds]
    assert (await wallet(commands, amina)).balance == kes(0)
    assert (await wallet(commands, brian)).balance == kes(1_000)


async def test_moves_of_several_assets_are_booked_together_or_not_at_all(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(100), points(5)), await make_holder(commands)
    sender, recipient = amina.user_id, brian.user_id
    swap = Transfer(
        "swap:1",
        TransferCode.PERSON_TO_PERSON,
        (
            Move(chart.user_wallet(sender, Asset.KES), chart.user_wallet(recipient, Asset.KES), kes(100)),
            Move(chart.user_points(sender), chart.user_points(recipient), points(6)),
        ),
    )

    with pytest.raises(InsufficientFunds) as refusal:
        await posted(commands, swap)

    assert refusal.value.available == points(5)
    assert (await wallet(commands, brian)).balance == kes(0)


async def test_an_account_is_opened_by_its_first_credit(commands: Commands) -> None:
    amina = await make_holder(commands, kes(1_000))
    stranger = chart.user_wallet(amina.user_id, Asset.EUR)

    await posted(commands, grant(stranger, Money(5, Asset.EUR)))

    assert await balance(commands, stranger) == Money(5, Asset.EUR)


async def test_a_balance_beyond_64_bits_is_refused(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    async with commands.database.transaction() as connection:
        await connection.execute(
            text("update ledger_accounts set posted_minor = :most where path = :path"),
            {"most": MINOR_MAX - 1, "path": chart.user_wallet(brian.user_id, Asset.KES).path},
        )

    with pytest.raises(BalanceTooLarge):
        await posted(commands, sending("transfer:1", amina, brian, kes(2)))

    assert (await wallet(commands, amina)).balance == kes(1_000)
    assert (await posted(commands, sending("transfer:2", amina, brian, kes(1)))).is_new


async def test_a_reversed_transfer_gives_everything_back_once(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    transfer = sending("transfer:1", amina, brian, kes(300))
    await posted(commands, transfer)

    await posted(commands, reverse(transfer))
    again = await posted(commands, reverse(transfer))

    assert not again.is_new
    assert (await wallet(commands, amina)).balance == kes(1_000)
    told = {event.body["user_id"]: event.body["txn"]["type"] for event in (await commands.events("wallet.update"))[-2:]}
    assert told == {str(amina.user_id): "REFUND", str(brian.user_id): "DEBIT"}


async def test_transfers_that_cross_do_not_deadlock(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands, kes(1_000))

    await asyncio.gather(
        *(posted(commands, sending(f"there:{number}", amina, brian, kes(1))) for number in range(20)),
        *(posted(commands, sending(f"back:{number}", brian, amina, kes(1))) for number in range(20)),
    )

    assert (await wallet(commands, amina)).balance == kes(1_000)
    assert (await wallet(commands, brian)).balance == kes(1_000)
    assert (await verified(commands)).is_sound


async def test_what_a_command_posts_goes_with_the_command(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    async def fails_after_posting() -> None:
        async with commands.by_system() as uow:
            await post(uow, sending("transfer:1", amina, brian, kes(300)))
            raise RuntimeError("the rest of the command")

    with pytest.raises(RuntimeError):
        await fails_after_posting()

    assert (await wallet(commands, amina)).balance == kes(1_000)
    assert (await verified(commands)).transfers == 1
