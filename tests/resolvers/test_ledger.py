"""The books through the API: who reads them, who corrects by hand, and how."""

from __future__ import annotations

from typing import Any

import pytest

from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import IdKind, encode_id, new_id
from domain.ledger.account import wallet_id_of
from domain.money import Asset
from tests.api import Api
from tests.commands import Commands
from tests.makers.wallets import kes, make_holder, points, verified, wallet

TRIAL_BALANCE = """
    { ledgerTrialBalance { isBalanced lines { account asset accounts balance { amount } held { amount } } } }
"""
TRANSFER = "transfer { reference code amount { amount } note wallet { available { amount } owner { id } } }"
ADJUST = "mutation($input: AdjustmentCreateInput!) { adjustmentCreate(input: $input) { errors { code } } }"


def correction(holder: Actor, amount: str = "5.00", /, **changes: Any) -> dict[str, Any]:
    given = {
        "walletId": encode_id(IdKind.WALLET, wallet_id_of(holder.user_id, Asset.KES)),
        "amount": {"amount": amount, "asset": "KES"},
        "reason": "Paid twice at the counter",
        "idempotencyKey": "k1",
    }
    return given | changes


async def test_finance_reads_the_trial_balance(api: Api, commands: Commands) -> None:
    clerk = await make_holder(commands, kes(1_050), points(7), roles=(Role.FINANCE,))

    shown = (await api.as_(clerk).ask(TRIAL_BALANCE))["ledgerTrialBalance"]

    assert shown["isBalanced"]
    assert [
        (line["account"], line["asset"], line["accounts"], line["balance"]["amount"]) for line in shown["lines"]
    ] == [
        ("platform:adjustments", "KES", 1, "-10.50"),
        ("user:*:wallet", "KES", 1, "10.50"),
        ("platform:adjustments", "POINTS", 1, "-7"),
        ("user:*:wallet", "POINTS", 1, "7"),
        ("user:*:wallet", "USDT", 1, "0.000000"),
    ]


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.MODERATOR, Role.SUPPORT])
async def test_nobody_else_reads_the_books_or_corrects_them(api: Api, commands: Commands, role: Role) -> None:
    amina, curious = await make_holder(commands, kes(1_000)), await make_holder(commands, roles=(role,))

    read = await api.as_(curious).run(TRIAL_BALANCE)
    corrected = await api.as_(curious).run(ADJUST, input=correction(amina))

    assert (read.codes, corrected.codes) == (["FORBIDDEN"], ["FORBIDDEN"])
    assert "ledger:read" in read.errors[0]["message"]
    assert "ledger:adjust" in corrected.errors[0]["message"]
    assert (await wallet(commands, amina)).balance == kes(1_000)


async def test_an_administrator_reads_and_does_not_correct(api: Api, commands: Commands) -> None:
    amina, admin = await make_holder(commands), await make_holder(commands, roles=(Role.ADMIN,))

    assert (await api.as_(admin).run(TRIAL_BALANCE)).errors == []
    assert (await api.as_(admin).run(ADJUST, input=correction(amina))).codes == ["FORBIDDEN"]


async def test_finance_gives_and_takes_and_the_trail_says_why(api: Api, commands: Commands) -> None:
    amina, clerk = await make_holder(commands), await make_holder(commands, roles=(Role.FINANCE,))

    given = await api.as_(clerk).command("adjustmentCreate", TRANSFER, **correction(amina))
    taken = await api.as_(clerk).command(
        "adjustmentCreate", TRANSFER, **correction(amina, "-2.00", idempotencyKey="k2", reason="Only once")
    )

    assert [payload["errors"] for payload in (given, taken)] == [[], []]
    assert [payload["transfer"]["amount"]["amount"] for payload in (given, taken)] == ["5.00", "2.00"]
    assert taken["transfer"]["wallet"] == {"available": {"amount": "3.00"}, "owner": {"id": amina.label}}
    assert (given["transfer"]["code"], given["transfer"]["note"]) == ("ADJUSTMENT", None)
    trail = (await commands.trail())[-2:]
    assert [(row.operation, row.actor, row.reason) for row in trail] == [
        ("adjustmentCreate", clerk.label, "Paid twice at the counter"),
        ("adjustmentCreate", clerk.label, "Only once"),
    ]
    assert (await verified(commands)).is_sound


async def test_a_correction_sent_again_is_made_once(api: Api, commands: Commands) -> None:
    amina, clerk = await make_holder(commands), await make_holder(commands, roles=(Role.FINANCE,))

    first = await api.as_(clerk).command("adjustmentCreate", TRANSFER, **correction(amina))
    again = await api.as_(clerk).command("adjustmentCreate", TRANSFER, **correction(amina))
    other = await api.as_(clerk).command("adjustmentCreate", TRANSFER, **correction(amina, reason="Another"))

    assert again == first
    assert [error["reason"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]
    assert (await wallet(commands, amina)).balance == kes(500)


@pytest.mark.parametrize(
    ("changes", "kind", "path", "reason"),
    [
        ({"walletId": "usr_00000000000000000000000001"}, "ValidationError", ["walletId"], None),
        ({"walletId": encode_id(IdKind.WALLET, new_id())}, "NotFoundError", [], None),
        ({"amount": {"amount": "0.00", "asset": "KES"}}, "ValidationError", ["amount", "amount"], None),
        ({"amount": {"amount": "0.001", "asset": "KES"}}, "ValidationError", ["amount", "amount"], None),
        ({"amount": {"amount": "99999999999999.00", "asset": "KES"}}, "ValidationError", ["amount", "amount"], None),
        ({"amount": {"amount": "1", "asset": "POINTS"}}, "ValidationError", ["amount", "asset"], None),
        ({"amount": {"amount": "-0.01", "asset": "KES"}}, "InsufficientFundsError", [], "INSUFFICIENT_FUNDS"),
        ({"reason": " "}, "ValidationError", ["reason"], None),
    ],
)
async def test_a_faulty_correction_changes_nothing(
    api: Api, commands: Commands, changes: dict[str, Any], kind: str, path: list[str], reason: str | None
) -> None:
    amina, clerk = await make_holder(commands), await make_holder(commands, roles=(Role.FINANCE,))
    audited = len(await commands.trail())

    refused = await api.as_(clerk).command("adjustmentCreate", TRANSFER, **correction(amina, **changes))

    assert refused["transfer"] is None
    assert [(error["__typename"], error["path"], error["reason"]) for error in refused["errors"]] == [
        (kind, path, reason)
    ]
    assert (await verified(commands)).transfers == 0
    assert len(await commands.trail()) == audited


async def test_nobody_corrects_a_wallet_of_their_own(api: Api, commands: Commands) -> None:
    clerk = await make_holder(commands, roles=(Role.FINANCE,))

    refused = await api.as_(clerk).command("adjustmentCreate", TRANSFER, **correction(clerk))

    assert [error["reason"] for error in refused["errors"]] == ["OWN_ACCOUNT"]
    assert (await wallet(commands, clerk)).balance == kes(0)
