"""Refunds through the API: finance gives back once per key, both sides read it, and nobody else does."""

from __future__ import annotations

from typing import Any

import pytest

from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.money import Asset
from domain.orders.order import Order
from tests.api import Api
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.orders import buy, make_merchant, make_product
from tests.makers.wallets import make_holder, points, verified, wallet

REFUND = (
    "refund { id orderId amount { amount asset } fromMerchant { amount } fromMarket { amount } reason madeBy { id } }"
)
AFTER = "order { status refunded { amount } refundReason code }"
LIST = "query($id: ID!) { orderRefunds(orderId: $id) { nodes { amount { amount } reason } } }"
CREATE = "mutation($input: RefundCreateInput!) { refundCreate(input: $input) { refund { id } } }"


@pytest.fixture
async def seller(commands: Commands) -> Actor:
    await observe(commands)
    return await make_holder(commands)


async def bought(commands: Commands, gateways: Gateways, seller: Actor) -> tuple[Actor, Order]:
    merchant = await make_merchant(commands, seller)
    product = await make_product(commands, gateways, seller, merchant, points(300))
    buyer = await make_holder(commands, points(300))
    return buyer, await buy(commands, buyer, product.id, points(300))


async def create(api: Api, who: Actor, order: Order, amount: str | None = None, *, key: str = "r1") -> Any:
    given: dict[str, Any] = {"orderId": order.label, "reason": "It worked in part.", "idempotencyKey": key}
    if amount:
        given["amount"] = {"amount": amount, "asset": "POINTS"}
    return await api.as_(who).command("refundCreate", f"{REFUND} {AFTER}", **given)


async def test_a_part_and_the_rest_are_given_back_once_each(
    api: Api, commands: Commands, gateways: Gateways, seller: Actor
) -> None:
    amina, order = await bought(commands, gateways, seller)
    clerk = await make_holder(commands, roles=(Role.FINANCE,))

    first, again = [await create(api, clerk, order, "100") for _ in range(2)]

    assert again == first
    assert first["errors"] == []
    assert {name: first["refund"][name] for name in first["refund"] if name != "id"} == {
        "orderId": order.label,
        "amount": {"amount": "100", "asset": "POINTS"},
        "fromMerchant": {"amount": "0.950000"},
        "fromMarket": {"amount": "0.050000"},
        "reason": "It worked in part.",
        "madeBy": {"id": clerk.label},
    }
    assert first["order"] == {"status": "DELIVERED", "refunded": {"amount": "100"}, "refundReason": None, "code": None}
    too_much = await create(api, clerk, order, "201", key="r2")
    assert [(error["__typename"], error["reason"]) for error in too_much["errors"]] == [
        ("ConflictError", "REFUND_TOO_LARGE")
    ]
    rest = await create(api, clerk, order, key="r3")
    assert (rest["refund"]["amount"]["amount"], rest["order"]["status"]) == ("200", "REFUNDED")
    for who in (amina, seller, clerk):
        listed = (await api.as_(who).ask(LIST, id=order.label))["orderRefunds"]["nodes"]
        assert [one["amount"]["amount"] for one in listed] == ["100", "200"]
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(300)
    assert (await verified(commands)).is_sound


async def test_nobody_else_gives_back_or_reads_it(
    api: Api, commands: Commands, gateways: Gateways, seller: Actor
) -> None:
    amina, order = await bought(commands, gateways, seller)
    admin, brian = await make_holder(commands, roles=(Role.ADMIN,)), await make_holder(commands)

    given = {"orderId": order.label, "reason": "For me", "idempotencyKey": "k"}
    for who in (amina, seller, admin, brian):
        assert (await api.as_(who).run(CREATE, input=given)).codes == ["FORBIDDEN"]
    assert (await api.run(CREATE, input=given)).codes == ["AUTHENTICATION_ERROR"]
    assert (await api.as_(brian).run(LIST, id=order.label)).codes == ["NOT_FOUND"]
    assert (await api.as_(amina).ask(LIST, id=order.label))["orderRefunds"]["nodes"] == []
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(0)
