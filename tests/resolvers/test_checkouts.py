"""Top-ups by card through the API: what its payer is shown, what nobody else is, and what each refusal looks like."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import IdKind, encode_id
from domain.payments.state import Rail
from tests.api import Api
from tests.commands import Commands
from tests.makers.checkouts import CardDesk, open_card_desk
from tests.makers.parts import make_parts
from tests.makers.people import make_person
from tests.makers.wallets import make_holder

CHECKOUT = "checkout { state reference providerReference publicKey clientSecret nextActionUrl decline }"
PAYMENT = f"query($id: ID!) {{ paymentIntent(id: $id) {{ state {CHECKOUT} }} }}"
DISPUTES = "{ paymentDisputes { nodes { id paymentId rail amount { amount asset } reason status } } }"


@pytest.fixture
async def cards(commands: Commands, gateways: Gateways, tmp_path: Path) -> AsyncIterator[CardDesk]:
    async with open_card_desk(commands, make_parts(commands, tmp_path, sealer=gateways.sealer)) as desk:
        yield desk


@pytest.fixture
async def payer(commands: Commands) -> Actor:
    return await make_holder(commands)


async def request(api: Api, who: Actor, *, amount: str = "129.30", asset: str = "USD", **changes: Any) -> Any:
    given = {"amount": {"amount": amount, "asset": asset}, "rail": "CARD", "into": "USD", "idempotencyKey": "k1"}
    return await api.as_(who).command("topUpRequest", f"payment {{ id state {CHECKOUT} }}", **given | changes)


async def test_the_payer_alone_reads_what_confirms_it(
    api: Api, cards: CardDesk, payer: Actor, commands: Commands
) -> None:
    asked = (await request(api, payer))["payment"]
    assert (asked["state"], asked["checkout"]["state"]) == ("REQUESTED", "WAITING")
    assert asked["checkout"]["clientSecret"] is None
    await cards.work()
    await cards.pay("pm_card_authenticationRequired")

    own = (await api.as_(payer).run(PAYMENT, id=asked["id"])).data["paymentIntent"]
    finance = await make_person(commands, Role.FINANCE)
    seen = (await api.as_(finance).run(PAYMENT, id=asked["id"])).data["paymentIntent"]
    stranger = await api.as_(await make_holder(commands)).run(PAYMENT, id=asked["id"])

    assert own["state"] == "AWAITING_PAYER"
    assert own["checkout"] == {
        "state": "AUTHENTICATING",
        "reference": asked["checkout"]["reference"],
        "providerReference": cards.intent.id,
        "publicKey": "pk",
        "clientSecret": cards.intent.client_secret,
        "nextActionUrl": cards.intent.url,
        "decline": None,
    }
    assert seen["checkout"] == own["checkout"] | {"clientSecret": None, "nextActionUrl": None}
    assert stranger.data is None or stranger.data["paymentIntent"] is None


async def test_what_is_paid_shows_no_secret_any_more(api: Api, cards: CardDesk, payer: Actor) -> None:
    asked = (await request(api, payer))["payment"]
    await cards.work()
    await cards.pay()

    paid = (await api.as_(payer).run(PAYMENT, id=asked["id"])).data["paymentIntent"]

    assert (paid["state"], paid["checkout"]["state"], paid["checkout"]["clientSecret"]) == ("PAID", "PAID", None)


async def test_the_same_key_asks_once(api: Api, cards: CardDesk, payer: Actor, commands: Commands) -> None:
    first = await request(api, payer)
    again = await request(api, payer)
    await cards.work()

    assert again == first
    assert len(await commands.events("payment.updated")) == 2
    assert cards.stripe.creations == 1


@pytest.mark.parametrize(
    ("changes", "kind", "reason"),
    [
        ({"amount": "1000000.00"}, "ValidationError", None),
        ({"asset": "USDT", "amount": "5", "into": "USDT"}, "ConflictError", "RAIL_UNAVAILABLE"),
    ],
)
async def test_what_no_card_pays_is_refused(
    api: Api, cards: CardDesk, payer: Actor, commands: Commands, changes: dict[str, Any], kind: str, reason: str | None
) -> None:
    refused = await request(api, payer, **changes)
    await cards.work()

    assert refused["payment"] is None
    assert [(error["__typename"], error.get("reason")) for error in refused["errors"]] == [(kind, reason)]
    assert await commands.events("payment.updated") == []
    assert cards.stripe.creations == 0


async def test_where_cards_are_closed_it_says_so(api: Api, cards: CardDesk, payer: Actor, commands: Commands) -> None:
    refused = await request(api.open_for(Rail.BANK_TRANSFER), payer)

    assert [error["reason"] for error in refused["errors"]] == ["RAIL_UNAVAILABLE"]
    assert await commands.events("payment.updated") == []


async def test_finance_reads_disputes_and_nobody_else(
    api: Api, cards: CardDesk, payer: Actor, commands: Commands
) -> None:
    payment = await cards.opened(payer)
    await cards.pay("pm_card_createDispute")
    await cards.take_in()

    read = await api.as_(await make_person(commands, Role.FINANCE)).run(DISPUTES)
    refused = await api.as_(payer).run(DISPUTES)

    (dispute,) = read.data["paymentDisputes"]["nodes"]
    assert dispute.pop("id").startswith("dsp_")
    assert dispute == {
        "paymentId": encode_id(IdKind.PAYMENT_INTENT, payment),
        "rail": "CARD",
        "amount": {"amount": "129.30", "asset": "USD"},
        "reason": "fraudulent",
        "status": "needs_response",
    }
    assert refused.codes != []
