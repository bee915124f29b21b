"""Top-ups by M-Pesa through the API: what is asked for, what is shown, and what each refusal looks like."""

from __future__ import annotations

from typing import Any

import pytest

from domain.identity.actor import Actor
from domain.payments.state import Rail
from tests.api import Api
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.wallets import make_holder

PAYMENT = """
    rail state expiresAt amount { amount asset } bankTransfer { reference }
    mpesa { phone reference receiptNumber resultCode } topUp { result { amount asset } }
"""


@pytest.fixture
async def payer(commands: Commands) -> Actor:
    await observe(commands)
    return await make_holder(commands)


async def request(api: Api, who: Actor, *, amount: str = "1293", asset: str = "KES", **changes: Any) -> Any:
    given = {"amount": {"amount": amount, "asset": asset}, "rail": "MPESA", "idempotencyKey": "k1"}
    return await api.as_(who).command("topUpRequest", f"payment {{ {PAYMENT} }}", **given | changes)


async def test_a_phone_is_asked_and_shown_masked(api: Api, payer: Actor) -> None:
    asked = (await request(api, payer, phone="0708 374 149"))["payment"]

    reference = asked["mpesa"].pop("reference")
    assert len(reference) == 12
    assert asked == {
        "rail": "MPESA",
        "state": "REQUESTED",
        "expiresAt": "2026-11-20T12:15:00.000Z",
        "amount": {"amount": "1293.00", "asset": "KES"},
        "bankTransfer": None,
        "mpesa": {"phone": "+254••••••149", "receiptNumber": None, "resultCode": None},
        "topUp": {"result": {"amount": "990", "asset": "POINTS"}},
    }


async def test_the_same_key_asks_once(api: Api, payer: Actor, commands: Commands) -> None:
    first = await request(api, payer, phone="+254708374149")
    again = await request(api, payer, phone="+254708374149")

    assert again == first
    assert len(await commands.events("payment.updated")) == 1


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"amount": "1292.50"}, ["amount", "amount"]),
        ({"amount": "250001"}, ["amount", "amount"]),
        ({"amount": "10", "asset": "USD"}, ["amount", "asset"]),
        ({"phone": "+447700900123"}, ["phone"]),
        ({"phone": "amina@example.com"}, ["phone"]),
        ({"phone": "0800"}, ["phone"]),
    ],
)
async def test_what_m_pesa_does_not_take_names_its_field(
    api: Api, payer: Actor, commands: Commands, changes: dict[str, Any], path: list[str]
) -> None:
    refused = await request(api, payer, **changes)

    assert refused["payment"] is None
    assert [(error["__typename"], error["path"]) for error in refused["errors"]] == [("ValidationError", path)]
    assert await commands.events("payment.updated") == []


async def test_where_it_is_closed_it_says_so(api: Api, payer: Actor, commands: Commands) -> None:
    refused = await request(api.open_for(Rail.BANK_TRANSFER), payer)

    assert [(error["__typename"], error["reason"]) for error in refused["errors"]] == [
        ("ConflictError", "RAIL_UNAVAILABLE")
    ]
    assert await commands.events("payment.updated") == []
