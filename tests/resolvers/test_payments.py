"""Payments through the API: what is asked for, who sees it, who decides, and what each refusal looks like."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import IdKind, PaymentId, decode_id, encode_id, new_id
from domain.money import Asset
from domain.settings.publishing import update_setting
from tests.api import Api
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.payments import ACCOUNT, prove
from tests.makers.wallets import kes, make_holder, points, verified, wallet

PAYMENT = """
    id payer { id } purpose rail amount { amount asset } state failure receiptNumber expiresAt createdAt version
    topUp { result { amount asset } value { amount } fee { amount } }
    bankTransfer { reference account proofSubmittedAt decidedAt proof { contentType sizeBytes } }
"""
ONE = f"query($id: ID!) {{ paymentIntent(id: $id) {{ {PAYMENT} }} }}"
OWN = "{ viewer { payments(first: 1) { nodes { id } nextCursor } } }"
QUEUE = "{ bankTransferQueue { nodes { id payer { id } bankTransfer { reference proof { contentType } } } } }"
RESERVES = "{ reserves { pointsOutstanding { amount asset } usdtAllocated { amount asset } } }"


@pytest.fixture
async def open_bank(commands: Commands) -> None:
    """The market has a bank account in shillings, and rates."""
    await observe(commands)
    async with commands.by_system() as uow:
        await update_setting(uow, key="bank_account_kes", value=json.dumps(ACCOUNT), reason="Opened today")


async def request(api: Api, who: Actor, *, amount: str = "1292.50", key: str = "k1", **changes: Any) -> Any:
    given = {"amount": {"amount": amount, "asset": "KES"}, "rail": "BANK_TRANSFER", "idempotencyKey": key}
    return await api.as_(who).command("topUpRequest", f"payment {{ {PAYMENT} }}", **given | changes)


async def verify(api: Api, who: Actor, payment_id: str, *, amount: str = "1292.50", key: str = "v1") -> Any:
    return await api.as_(who).command(
        "bankTransferVerify",
        f"payment {{ {PAYMENT} }} isCreditedLate",
        paymentId=payment_id,
        amount={"amount": amount, "asset": "KES"},
        statementReference="FT26330ABC",
        idempotencyKey=key,
    )


def told(payload: Any) -> list[tuple[str, str | None]]:
    return [(error["__typename"], error["reason"]) for error in payload["errors"]]


@pytest.mark.usefixtures("open_bank")
async def test_a_top_up_is_instructed_verified_and_credited(api: Api, commands: Commands) -> None:
    amina, clerk = await make_holder(commands), await make_holder(commands, roles=(Role.FINANCE,))

    asked = (await request(api, amina))["payment"]

    reference = asked["bankTransfer"]["reference"]
    assert len(reference) == 12
    assert {name: asked[name] for name in asked if name != "id"} == {
        "payer": {"id": amina.label},
        "purpose": "TOP_UP",
        "rail": "BANK_TRANSFER",
        "amount": {"amount": "1292.50", "asset": "KES"},
        "state": "AWAITING_PAYER",
        "failure": None,
        "receiptNumber": None,
        "expiresAt": "2026-11-23T12:00:00.000Z",
        "createdAt": "2026-11-20T12:00:00.000Z",
        "version": 1,
        "topUp": {
            "result": {"amount": "990", "asset": "POINTS"},
            "value": {"amount": "10.000000"},
            "fee": {"amount": "0.100000"},
        },
        "bankTransfer": {
            "reference": reference,
            "account": ACCOUNT,
            "proofSubmittedAt": None,
            "decidedAt": None,
            "proof": None,
        },
    }
    payload = await verify(api, clerk, asked["id"])
    assert (payload["errors"], payload["isCreditedLate"]) == ([], False)
    assert (payload["payment"]["state"], payload["payment"]["receiptNumber"]) == ("PAID", "FT26330ABC")
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(990)
    assert (await api.as_(clerk).ask(RESERVES))["reserves"] == {
        "pointsOutstanding": {"amount": "990", "asset": "POINTS"},
        "usdtAllocated": {"amount": "9.900000", "asset": "USDT"},
    }
    assert (await verified(commands)).is_sound


@pytest.mark.usefixtures("open_bank")
async def test_the_same_key_asks_and_decides_once(api: Api, commands: Commands) -> None:
    amina, clerk = await make_holder(commands), await make_holder(commands, roles=(Role.FINANCE,))

    first, again = await request(api, amina), await request(api, amina)
    decided, repeated = [await verify(api, clerk, first["payment"]["id"]) for _ in range(2)]
    other = await verify(api, clerk, first["payment"]["id"], key="v2")

    assert again == first
    assert repeated == decided
    assert (other["errors"], other["isCreditedLate"], other["payment"]["state"]) == ([], False, "PAID")
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(990)
    mismatch = await request(api, amina, amount="1300.00")
    assert told(mismatch) == [("ConflictError", "IDEMPOTENCY_KEY_PARAMETER_MISMATCH")]


@pytest.mark.usefixtures("open_bank")
async def test_a_payment_is_seen_by_its_payer_and_by_finance(api: Api, commands: Commands) -> None:
    amina, brian = await make_holder(commands), await make_holder(commands)
    clerk = await make_holder(commands, roles=(Role.FINANCE,))
    ids = [(await request(api, amina, key=key))["payment"]["id"] for key in ("k1", "k2")]

    for who in (amina, clerk):
        assert (await api.as_(who).ask(ONE, id=ids[0]))["paymentIntent"]["id"] == ids[0]
    for id_ in (ids[0], encode_id(IdKind.PAYMENT_INTENT, new_id())):
        assert (await api.as_(brian).run(ONE, id=id_)).codes == ["NOT_FOUND"]
    assert (await api.run(ONE, id=ids[0])).codes == ["AUTHENTICATION_ERROR"]
    assert (await api.as_(amina).run(ONE, id=amina.label)).codes == ["VALIDATION_ERROR"]
    page = (await api.as_(amina).ask(OWN))["viewer"]["payments"]
    assert [node["id"] for node in page["nodes"]] == [ids[1]]
    assert page["nextCursor"]
    assert (await api.as_(brian).ask(OWN))["viewer"]["payments"]["nodes"] == []


@pytest.mark.usefixtures("open_bank")
async def test_finance_sees_what_waits_longest_first_and_nobody_else_does(api: Api, commands: Commands) -> None:
    amina, brian = await make_holder(commands), await make_holder(commands)
    clerk = await make_holder(commands, roles=(Role.FINANCE,))
    payments = [(who, (await request(api, who, key=key))["payment"]) for who, key in ((amina, "1"), (brian, "2"))]
    for who, asked in reversed(payments):
        await prove(commands, who, PaymentId(decode_id(IdKind.PAYMENT_INTENT, asked["id"])))
        commands.now = commands.now.replace(minute=commands.now.minute + 1)

    queue = (await api.as_(clerk).ask(QUEUE))["bankTransferQueue"]["nodes"]

    assert [node["payer"]["id"] for node in queue] == [brian.label, amina.label]
    assert {node["bankTransfer"]["proof"]["contentType"] for node in queue} == {"application/pdf"}
    for document in (QUEUE, RESERVES):
        assert (await api.as_(amina).run(document)).codes == ["FORBIDDEN"]
    await verify(api, clerk, queue[0]["id"])
    assert [one["id"] for one in (await api.as_(clerk).ask(QUEUE))["bankTransferQueue"]["nodes"]] == [queue[1]["id"]]


@pytest.mark.usefixtures("open_bank")
async def test_a_rejection_says_why_and_a_cancelled_payment_stays_so(api: Api, commands: Commands) -> None:
    amina, clerk = await make_holder(commands), await make_holder(commands, roles=(Role.FINANCE,))
    first, second = [(await request(api, amina, key=key))["payment"]["id"] for key in ("1", "2")]

    rejected = await api.as_(clerk).command(
        "bankTransferReject", "payment { state failure }", paymentId=first, reason="No such transfer arrived."
    )
    cancelled = await api.as_(amina).command("paymentCancel", "payment { state }", paymentId=second)

    assert rejected["payment"] == {"state": "FAILED", "failure": "No such transfer arrived."}
    assert cancelled["payment"] == {"state": "CANCELLED"}
    for payment_id in (first, second):
        again = await api.as_(amina).command("paymentCancel", "payment { id }", paymentId=payment_id)
        assert told(again) == [("ConflictError", "PAYMENT_ALREADY_ENDED")]
    late = await verify(api, clerk, second)
    assert (late["isCreditedLate"], late["payment"]["state"]) == (True, "CANCELLED")
    assert (await wallet(commands, amina)).balance == kes(129_250)


@pytest.mark.usefixtures("open_bank")
async def test_refusals_are_typed_and_move_nothing(api: Api, commands: Commands) -> None:
    amina, admin = await make_holder(commands), await make_holder(commands, roles=(Role.ADMIN,))
    clerk = await make_holder(commands, roles=(Role.FINANCE,))
    payment_id = (await request(api, amina))["payment"]["id"]
    own = (await request(api, clerk))["payment"]["id"]

    euro = {"amount": "10.00", "asset": "EUR"}
    assert told(await request(api, amina, key="2", amount="0.01")) == [("ValidationError", None)]
    refused = await api.as_(amina).command(
        "topUpRequest", "payment { id }", amount=euro, rail="BANK_TRANSFER", idempotencyKey="3"
    )
    assert told(refused) == [("ConflictError", "RAIL_UNAVAILABLE")]
    assert told(await verify(api, clerk, payment_id, amount="1292.49")) == [("ConflictError", "PAYMENT_MISMATCH")]
    assert [kind for kind, _ in told(await verify(api, clerk, own))] == ["ConflictError"]
    document = "mutation($input: BankTransferVerifyInput!) { bankTransferVerify(input: $input) { payment { id } } }"
    given = {
        "paymentId": payment_id,
        "amount": {"amount": "1292.50", "asset": "KES"},
        "statementReference": "FT1",
        "idempotencyKey": "v9",
    }
    for who in (amina, admin):
        assert (await api.as_(who).run(document, input=given)).codes == ["FORBIDDEN"]
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(0)
    assert (await wallet(commands, clerk, Asset.POINTS)).balance == points(0)
