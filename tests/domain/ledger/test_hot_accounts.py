"""Hot accounts: their payers do not wait for each other, and nothing that was paid is lost."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.errors import DomainError
from domain.ids import new_id
from domain.ledger import chart
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.errors import InsufficientFunds
from domain.ledger.holds import capture, hold
from domain.ledger.posting import post
from domain.ledger.transfer import Move, Transfer, reverse
from domain.money import Asset
from tests.commands import NOON, Commands
from tests.makers.wallets import balance, grant, kes, make_holder, posted, verified, wallet


def back(source: AccountRef, destination: AccountRef, minor: int, reference: str) -> Transfer:
    """A way between any two accounts; only reversals go every way."""
    return Transfer(reference, TransferCode.REVERSAL, (Move(source, destination, kes(minor)),))


async def snapshot(commands: Commands, account: AccountRef) -> tuple[int, int]:
    """What the account's row says, and how many entries wait beside it."""
    statement = text(
        "select a.posted_minor, (select count(*) from ledger_unfolded u where u.account_id = a.id)"
        " from ledger_accounts a where a.path = :path"
    )
    async with commands.database.read() as connection:
        row = (await connection.execute(statement, {"path": account.path})).one()
        return row[0], row[1]


async def test_payers_and_a_debit_in_between_lose_nothing(commands: Commands) -> None:
    merchant = chart.merchant_payable(new_id(), Asset.KES)
    payers = [await make_holder(commands, kes(1_000)) for _ in range(8)]
    payee = chart.user_wallet(payers[0].user_id, Asset.KES)
    wallets = [chart.user_wallet(payer.user_id, Asset.KES) for payer in payers]

    async def pays(number: int) -> None:
        await posted(commands, back(wallets[number % 8], merchant, 10 + number, f"order:{number}:paid"))

    async def draws(number: int) -> int:
        try:
            await posted(commands, back(merchant, payee, 100, f"draw:{number}"))
        except InsufficientFunds:
            return 0
        return 100

    outcomes = await asyncio.gather(*(pays(number) for number in range(32)), *(draws(number) for number in range(6)))

    drawn = sum(outcome for outcome in outcomes if outcome is not None)
    assert await balance(commands, merchant) == kes(sum(10 + number for number in range(32)) - drawn)
    assert (await verified(commands)).differences == ()


async def test_a_credit_does_not_wait_for_a_lock_on_the_account(commands: Commands) -> None:
    merchant = chart.merchant_payable(new_id(), Asset.KES)
    payer = await make_holder(commands, kes(1_000))
    source = chart.user_wallet(payer.user_id, Asset.KES)
    await posted(commands, back(source, merchant, 10, "order:1:paid"))

    async with commands.database.transaction() as connection:
        await connection.execute(
            text("select from ledger_accounts where path = :path for update"), {"path": merchant.path}
        )
        async with asyncio.timeout(3):
            await posted(commands, back(source, merchant, 10, "order:2:paid"))

    assert await balance(commands, merchant) == kes(20)


async def test_a_credit_of_a_transaction_that_commits_late_is_not_lost(commands: Commands) -> None:
    """The late one draws its position first and commits after a debit has folded what came in."""
    merchant = chart.merchant_payable(new_id(), Asset.KES)
    payer, payee = await make_holder(commands, kes(1_000)), await make_holder(commands)
    early = await make_holder(commands, kes(1_000))
    await posted(commands, back(chart.user_wallet(early.user_id, Asset.KES), merchant, 1, "order:0:paid"))

    async with commands.by_system() as late:
        await post(late, back(chart.user_wallet(payer.user_id, Asset.KES), merchant, 40, "order:1:paid"))
        await posted(commands, back(chart.user_wallet(early.user_id, Asset.KES), merchant, 60, "order:2:paid"))
        await posted(commands, back(merchant, chart.user_wallet(payee.user_id, Asset.KES), 50, "draw:1"))

    assert await balance(commands, merchant) == kes(51)
    assert await snapshot(commands, merchant) == (11, 1)
    assert (await verified(commands)).is_sound


async def test_a_hot_floored_account_is_not_overdrawn(commands: Commands) -> None:
    merchant = chart.merchant_payable(new_id(), Asset.KES)
    payer = await make_holder(commands, kes(1_000))
    source = chart.user_wallet(payer.user_id, Asset.KES)
    await posted(commands, back(source, merchant, 60, "order:1:paid"))
    await posted(commands, back(source, merchant, 40, "order:2:paid"))

    with pytest.raises(InsufficientFunds) as refusal:
        await posted(commands, back(merchant, source, 101, "draw:1"))

    assert (refusal.value.account, refusal.value.available) == (merchant, kes(100))
    assert await snapshot(commands, merchant) == (0, 2)
    draws = (posted(commands, back(merchant, source, 100, f"draw:{number}")) for number in (2, 3))
    outcomes = await asyncio.gather(*draws, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, DomainError)] == [InsufficientFunds]
    assert await snapshot(commands, merchant) == (0, 0)


async def test_what_is_payable_can_be_held_and_captured(commands: Commands) -> None:
    merchant = chart.merchant_payable(new_id(), Asset.KES)
    payer = await make_holder(commands, kes(1_000))
    source = chart.user_wallet(payer.user_id, Asset.KES)
    await posted(commands, back(source, merchant, 100, "order:1:paid"))

    async with commands.by_system() as uow:
        await hold(
            uow,
            reference="settlement:1:held",
            account=merchant,
            amount=kes(100),
            code=TransferCode.REVERSAL,
            expires_at=NOON + timedelta(days=1),
        )
    with pytest.raises(InsufficientFunds):
        await posted(commands, back(merchant, source, 1, "draw:1"))
    async with commands.by_system() as uow:
        await capture(uow, reference="settlement:1:held", transfer=back(merchant, source, 100, "settlement:1:paid"))

    assert await balance(commands, merchant) == kes(0)
    assert (await wallet(commands, payer)).balance == kes(1_000)
    assert await commands.events("wallet.hold") == []
    assert (await verified(commands)).is_sound


async def test_a_house_account_goes_below_zero_and_is_never_locked(commands: Commands) -> None:
    amina = await make_holder(commands)
    house = chart.adjustments(Asset.KES)
    gift = grant(chart.user_wallet(amina.user_id, Asset.KES), kes(100))

    await posted(commands, gift)
    await posted(commands, reverse(gift))
    await posted(commands, grant(chart.user_wallet(amina.user_id, Asset.KES), kes(30)))

    assert await balance(commands, house) == kes(-30)
    assert await snapshot(commands, house) == (0, 3)


async def test_folding_changes_no_balance(commands: Commands) -> None:
    amina = await make_holder(commands)
    house = chart.adjustments(Asset.KES)
    for _ in range(5):
        await posted(commands, grant(chart.user_wallet(amina.user_id, Asset.KES), kes(10)))

    async def folded(*, longer_than: int, entries: int = 100) -> int:
        async with commands.by_system() as uow:
            return await uow.ledger.fold_hot_accounts(longer_than=longer_than, accounts=10, entries=entries)

    assert await folded(longer_than=5) == 0
    assert await folded(longer_than=4, entries=3) == 3
    assert await snapshot(commands, house) == (-30, 2)
    assert await folded(longer_than=0) == 2
    assert await snapshot(commands, house) == (-50, 0)
    assert await balance(commands, house) == kes(-50)
    assert (await verified(commands)).is_sound


async def test_folding_beside_payers_and_debits_loses_nothing(commands: Commands) -> None:
    merchant = chart.merchant_payable(new_id(), Asset.KES)
    payers = [chart.user_wallet((await make_holder(commands, kes(1_000))).user_id, Asset.KES) for _ in range(4)]

    async def folds() -> None:
        for _ in range(5):
            async with commands.by_system() as uow:
                await uow.ledger.fold_hot_accounts(longer_than=0, accounts=10, entries=3)

    await asyncio.gather(
        *(posted(commands, back(payers[number % 4], merchant, 10, f"order:{number}:paid")) for number in range(40)),
        folds(),
        folds(),
    )
    await posted(commands, back(merchant, payers[0], 400, "draw:1"))

    assert await balance(commands, merchant) == kes(0)
    assert (await verified(commands)).is_sound
