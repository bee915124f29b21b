"""Statements, the trial balance, and the books against themselves."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from db.reads.ledger import trial_balance
from db.reads.ledger_statement import LineRow, statement_page
from db.reads.wallets import wallets_of
from domain.ids import new_id
from domain.instants import instant_of
from domain.ledger import chart
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransactionType, TransferCode
from domain.ledger.holds import capture, hold, release
from domain.ledger.statement import TransactionStatus
from domain.ledger.transfer import Move, Transfer, reverse
from domain.ledger.verification import Invariant
from domain.money import Asset
from domain.page import Page, PageRequest
from tests.commands import NOON, Commands
from tests.makers.wallets import grant, kes, make_holder, points, posted, sending, usdt, verified


async def statement(
    commands: Commands, account: AccountRef, *, first: int = 20, after: tuple[str | int | None, ...] | None = None
) -> Page[LineRow]:
    return await statement_page(commands.database.reads, account, page=PageRequest(first, after))


async def held(commands: Commands, account: AccountRef, minor: int, reference: str) -> None:
    async with commands.by_system() as uow:
        await hold(
            uow,
            reference=reference,
            account=account,
            amount=kes(minor),
            code=TransferCode.PERSON_TO_PERSON,
            expires_at=NOON + timedelta(days=1),
        )


async def test_a_statement_shows_every_line_with_its_running_balance(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    account = chart.user_wallet(amina.user_id, Asset.KES)
    sent = sending("transfer:1", amina, brian, kes(300))
    noted = Transfer(sent.reference, sent.code, sent.moves, note="for lunch")
    await posted(commands, noted)
    commands.later(timedelta(hours=1))
    await posted(commands, reverse(sent))

    lines = (await statement(commands, account)).items

    assert [(line.type, line.change.minor, line.balance.minor, line.reference, line.note) for line in lines] == [
        (TransactionType.REFUND, 300, 1_000, "transfer:1:reversed", None),
        (TransactionType.DEBIT, -300, 700, "transfer:1", "for lunch"),
        (TransactionType.CREDIT, 1_000, 1_000, lines[2].reference, None),
    ]
    assert {line.status for line in lines} == {TransactionStatus.COMPLETED}
    assert [instant_of(line.at) for line in lines] == [NOON + timedelta(hours=1), NOON, NOON]


async def test_a_statement_shows_what_is_held_until_a_transfer_takes_it(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    account = chart.user_wallet(amina.user_id, Asset.KES)
    for number in range(3):
        await held(commands, account, 100 + number, f"payout:{number}:held")
    async with commands.by_system() as uow:
        await release(uow, reference="payout:1:held")
        await capture(uow, reference="payout:2:held", transfer=sending("payout:2:paid", amina, brian, kes(102)))

    lines = (await statement(commands, account)).items

    assert [(line.reference, line.status.name, line.change.minor, line.balance.minor) for line in lines[:-1]] == [
        ("payout:2:paid", "COMPLETED", -102, 898),
        ("payout:1:held", "FAILED", -101, 1_000),
        ("payout:0:held", "PENDING", -100, 1_000),
    ]


async def test_a_statement_is_read_page_by_page(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    account = chart.user_wallet(amina.user_id, Asset.KES)
    for number in range(4):
        await posted(commands, sending(f"transfer:{number}", amina, brian, kes(1)))

    first = await statement(commands, account, first=3)
    await posted(commands, sending("transfer:late", amina, brian, kes(1)))
    second = await statement(commands, account, first=3, after=first.keys[-1])

    assert [line.reference for line in first.items] == ["transfer:3", "transfer:2", "transfer:1"]
    assert [line.balance for line in second.items] == [kes(999), kes(1_000)]
    assert (first.has_next, second.has_next) == (True, False)


async def test_a_hot_account_has_running_balances_too(commands: Commands) -> None:
    amina = await make_holder(commands, kes(1_000))
    source, merchant = chart.user_wallet(amina.user_id, Asset.KES), chart.merchant_payable(new_id(), Asset.KES)

    async def moved(source: AccountRef, destination: AccountRef, minor: int, reference: str) -> None:
        moves = (Move(source, destination, kes(minor)),)
        await posted(commands, Transfer(reference, TransferCode.REVERSAL, moves))

    await moved(source, merchant, 10, "order:1")
    await moved(source, merchant, 20, "order:2")
    await moved(merchant, source, 25, "draw:1")
    await moved(source, merchant, 40, "order:3")

    first = await statement(commands, merchant, first=2)
    second = await statement(commands, merchant, first=2, after=first.keys[-1])

    assert [(line.reference, line.balance.minor) for line in (*first.items, *second.items)] == [
        ("order:3", 45),
        ("draw:1", 5),
        ("order:2", 30),
        ("order:1", 10),
    ]


async def test_the_trial_balance_sums_to_zero_in_every_asset(commands: Commands) -> None:
    amina = await make_holder(commands, kes(1_000), points(7))
    await make_holder(commands, kes(5))
    await held(commands, chart.user_wallet(amina.user_id, Asset.KES), 100, "payout:1:held")

    async with commands.database.read() as connection:
        lines = await trial_balance(connection)

    assert [(line.account, line.accounts, line.balance, line.held) for line in lines] == [
        ("platform:adjustments", 1, kes(-1_005), kes(0)),
        ("user:*:wallet", 2, kes(1_005), kes(100)),
        ("platform:adjustments", 1, points(-7), points(0)),
        ("user:*:wallet", 2, points(7), points(0)),
        ("user:*:wallet", 2, usdt(0), usdt(0)),
    ]


async def test_a_person_has_three_wallets_in_order(commands: Commands) -> None:
    amina = await make_holder(commands, kes(1_000))

    wallets = await wallets_of(commands.database.reads, amina.user_id)

    assert [(wallet.asset, wallet.balance.minor) for wallet in wallets] == [
        (Asset.POINTS, 0),
        (Asset.USDT, 0),
        (Asset.KES, 1_000),
    ]


async def test_sound_books_are_counted(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    await posted(commands, sending("transfer:1", amina, brian, kes(300)))
    await held(commands, chart.user_wallet(amina.user_id, Asset.KES), 100, "payout:1:held")

    verification = await verified(commands)

    assert verification.is_sound
    assert (verification.accounts, verification.transfers, verification.entries, verification.holds) == (7, 2, 4, 1)


@pytest.mark.parametrize(
    ("damage", "rules"),
    [
        ("update ledger_accounts set posted_minor = posted_minor + 1 where kind = 'WALLET' and asset = 'KES'", {1}),
        ("update ledger_accounts set held_minor = held_minor - 1 where held_minor > 0", {2}),
        ("update ledger_holds set amount_minor = amount_minor + 1", {2}),
        ("delete from ledger_unfolded", {1}),
        ("update ledger_entries set amount_minor = amount_minor + 1 where balance_after = 1000", {1, 4, 7}),
        ("update ledger_entries set balance_after = balance_after + 1 where balance_after = 700", {7}),
        ("delete from ledger_entries", {1, 6}),
        ("delete from ledger_transfers", {5}),
    ],
)
async def test_damage_is_found(commands: Commands, damage: str, rules: set[int]) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    await posted(commands, sending("transfer:1", amina, brian, kes(300)))
    await held(commands, chart.user_wallet(amina.user_id, Asset.KES), 100, "payout:1:held")

    async with commands.database.transaction() as connection:
        # As somebody with the run of the server could, past the triggers.
        await connection.execute(text("set local session_replication_role = replica"))
        await connection.execute(text(damage))

    verification = await verified(commands)
    numbered = {invariant: number for number, invariant in enumerate(Invariant, start=1)}
    assert {numbered[difference.invariant] for difference in verification.differences} == rules
    assert not verification.is_sound


async def test_a_difference_says_where_and_how_much(commands: Commands) -> None:
    amina = await make_holder(commands)
    account = chart.user_wallet(amina.user_id, Asset.KES)
    await posted(commands, grant(account, kes(50)))
    async with commands.database.transaction() as connection:
        await connection.execute(
            text("update ledger_accounts set posted_minor = 51 where path = :path"), {"path": account.path}
        )

    [difference] = (await verified(commands)).differences

    assert str(difference) == f"{account.path}: a balance is the sum of its entries; expected 50, found 51"
