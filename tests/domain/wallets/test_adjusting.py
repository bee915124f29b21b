"""Finance corrects a wallet by hand."""

import pytest

from domain.errors import InvalidInput
from domain.identity.actor import Actor
from domain.identity.errors import OwnAccount
from domain.identity.roles import Role
from domain.ids import WalletId, new_id
from domain.ledger import chart
from domain.ledger.account import wallet_id_of
from domain.ledger.errors import InsufficientFunds
from domain.money import Asset, Money
from domain.wallets.adjusting import adjust_wallet
from domain.wallets.booking import Booking
from domain.wallets.errors import WalletNotFound
from tests.commands import Commands
from tests.makers.wallets import balance, kes, make_holder, usdt, verified, wallet


async def adjust(
    commands: Commands,
    clerk: Actor,
    wallet_id: WalletId,
    amount: Money,
    *,
    reason: str = "Paid twice at the counter",
    key: str = "k1",
) -> Booking:
    async with commands.by(clerk) as uow:
        return await adjust_wallet(uow, wallet_id=wallet_id, amount=amount, reason=reason, key=key)


async def test_an_adjustment_gives_and_takes(commands: Commands) -> None:
    clerk, amina = await make_holder(commands, roles=(Role.FINANCE,)), await make_holder(commands)
    amina_kes = wallet_id_of(amina.user_id, Asset.KES)

    given = await adjust(commands, clerk, amina_kes, kes(500))
    taken = await adjust(commands, clerk, amina_kes, kes(-200), key="k2")

    assert (given.balance.balance, taken.balance.balance) == (kes(500), kes(300))
    assert await balance(commands, chart.adjustments(Asset.KES)) == kes(-300)
    types = [event.body["txn"]["type"] for event in await commands.events("wallet.update")]
    assert types == ["CREDIT", "DEBIT"]


async def test_the_reason_is_in_the_trail_and_not_on_the_statement(commands: Commands) -> None:
    clerk, amina = await make_holder(commands, roles=(Role.FINANCE,)), await make_holder(commands)

    booking = await adjust(commands, clerk, wallet_id_of(amina.user_id, Asset.KES), kes(500))

    assert (await commands.trail())[-1].reason == "Paid twice at the counter"
    assert booking.transfer.note is None


async def test_the_same_key_adjusts_once(commands: Commands) -> None:
    clerk, amina = await make_holder(commands, roles=(Role.FINANCE,)), await make_holder(commands)
    amina_kes = wallet_id_of(amina.user_id, Asset.KES)

    await adjust(commands, clerk, amina_kes, kes(500))
    again = await adjust(commands, clerk, amina_kes, kes(500))

    assert not again.posting.is_new
    assert (await wallet(commands, amina)).balance == kes(500)


async def test_no_more_is_taken_than_there_is(commands: Commands) -> None:
    clerk, amina = await make_holder(commands, roles=(Role.FINANCE,)), await make_holder(commands, kes(100))

    with pytest.raises(InsufficientFunds):
        await adjust(commands, clerk, wallet_id_of(amina.user_id, Asset.KES), kes(-101))

    assert (await wallet(commands, amina)).balance == kes(100)


async def test_nobody_adjusts_their_own_wallet(commands: Commands) -> None:
    clerk = await make_holder(commands, roles=(Role.FINANCE,))

    with pytest.raises(OwnAccount):
        await adjust(commands, clerk, wallet_id_of(clerk.user_id, Asset.KES), kes(500))

    assert (await wallet(commands, clerk)).balance == kes(0)


async def test_a_wallet_that_is_not_there_is_not_adjusted(commands: Commands) -> None:
    clerk = await make_holder(commands, roles=(Role.FINANCE,))

    with pytest.raises(WalletNotFound):
        await adjust(commands, clerk, WalletId(new_id()), kes(500))

    assert (await verified(commands)).transfers == 0


@pytest.mark.parametrize(
    ("amount", "reason", "path"),
    [
        (kes(0), "Paid twice", ("amount", "amount")),
        (kes(10**15 + 1), "Paid twice", ("amount", "amount")),
        (kes(-(10**15) - 1), "Paid twice", ("amount", "amount")),
        (usdt(5), "Paid twice", ("amount", "asset")),
        (kes(5), "", ("reason",)),
        (kes(5), "  . ", ("reason",)),
        (kes(5), "x" * 501, ("reason",)),
    ],
)
async def test_an_adjustment_has_an_amount_and_a_reason(
    commands: Commands, amount: Money, reason: str, path: tuple[str, ...]
) -> None:
    clerk, amina = await make_holder(commands, roles=(Role.FINANCE,)), await make_holder(commands)

    with pytest.raises(InvalidInput) as refusal:
        await adjust(commands, clerk, wallet_id_of(amina.user_id, Asset.KES), amount, reason=reason)

    assert [fault.path for fault in refusal.value.faults] == [path]
    assert (await verified(commands)).transfers == 0
