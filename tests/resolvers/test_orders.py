"""Merchants and orders through the API: who sees what, what is bought once, and what each refusal looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import IdKind, encode_id, new_id
from domain.money import Asset
from tests.api import Api
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.mpesa import by_phone
from tests.makers.orders import make_merchant, make_product, reserve
from tests.makers.wallets import kes, make_holder, points, verified, wallet

ORDER = """
    id buyer { id } merchant { id name } product { id stock } price { amount asset } value { amount }
    fee { amount } status refundReason reference placedAt version code
"""
ONE = f"query($id: ID!) {{ order(id: $id) {{ {ORDER} }} }}"
PRICE = {"amount": "300", "asset": "POINTS"}


@dataclass(frozen=True)
class Shop:
    """A merchant that sells one product."""

    owner: Actor
    merchant_id: str
    product_id: str


@pytest.fixture
async def shop(commands: Commands, gateways: Gateways) -> Shop:
    await observe(commands)
    owner = await make_holder(commands)
    merchant = await make_merchant(commands, owner)
    product = await make_product(commands, gateways, owner, merchant, points(300), stock=2)
    return Shop(owner, merchant.label, product.label)


async def place(api: Api, who: Actor, product_id: str, *, key: str = "k1", price: dict[str, str] = PRICE) -> Any:
    return await api.as_(who).command(
        "orderPlace", f"order {{ {ORDER} }}", productId=product_id, price=price, idempotencyKey=key
    )


def told(payload: Any) -> list[tuple[str, str | None]]:
    return [(error["__typename"], error["reason"]) for error in payload["errors"]]


async def test_an_order_is_paid_delivered_and_read_by_both_sides(api: Api, commands: Commands, shop: Shop) -> None:
    amina = await make_holder(commands, points(500))

    payload = await place(api, amina, shop.product_id)

    order = payload["order"]
    assert payload["errors"] == []
    assert order["code"].startswith("CODE-")
    assert {name: order[name] for name in order if name not in ("id", "code", "reference")} == {
        "buyer": {"id": amina.label},
        "merchant": {"id": shop.merchant_id, "name": "Duka la Vitabu"},
        "product": {"id": shop.product_id, "stock": 1},
        "price": PRICE,
        "value": {"amount": "3.000000"},
        "fee": {"amount": "0.150000"},
        "status": "DELIVERED",
        "refundReason": None,
        "placedAt": "2026-11-20T12:00:00.000Z",
        "version": 0,
    }
    assert order["reference"] == f"order:{order['id']}:paid"
    assert (await api.as_(amina).ask(ONE, id=order["id"]))["order"] == order
    seen = (await api.as_(shop.owner).ask(ONE, id=order["id"]))["order"]
    assert (seen["code"], seen["fee"]) == (None, {"amount": "0.150000"})
    own = (await api.as_(amina).ask("{ viewer { orders { nodes { id code } } } }"))["viewer"]["orders"]["nodes"]
    assert own == [{"id": order["id"], "code": order["code"]}]
    sold = "query($id: ID!) { merchantOrders(merchantId: $id) { nodes { id code } } }"
    assert (await api.as_(shop.owner).ask(sold, id=shop.merchant_id))["merchantOrders"]["nodes"] == [
        {"id": order["id"], "code": None}
    ]
    payable = "query($id: ID!) { merchant(id: $id) { payable { amount asset } } }"
    assert (await api.as_(shop.owner).ask(payable, id=shop.merchant_id))["merchant"] == {
        "payable": {"amount": "2.850000", "asset": "USDT"}
    }
    assert (await api.as_(amina).ask(payable, id=shop.merchant_id))["merchant"] == {"payable": None}
    assert (await verified(commands)).is_sound


async def test_the_same_key_buys_once(api: Api, commands: Commands, shop: Shop) -> None:
    amina = await make_holder(commands, points(900))

    first, again = [await place(api, amina, shop.product_id) for _ in range(2)]
    second = await place(api, amina, shop.product_id, key="k2")

    assert again == first
    assert second["order"]["code"] != first["order"]["code"]
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(300)
    assert told(await place(api, amina, shop.product_id, key="k3")) == [("ConflictError", "OUT_OF_STOCK")]
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(300)


async def test_refusals_are_typed_and_move_nothing(api: Api, commands: Commands, shop: Shop) -> None:
    amina = await make_holder(commands, points(299))

    assert told(await place(api, amina, shop.product_id)) == [("InsufficientFundsError", "INSUFFICIENT_FUNDS")]
    cheaper = {"amount": "299", "asset": "POINTS"}
    assert told(await place(api, amina, shop.product_id, price=cheaper)) == [("ConflictError", "PRICE_CHANGED")]
    assert told(await place(api, shop.owner, shop.product_id)) == [("ConflictError", "OWN_PRODUCT")]
    for nothing in (encode_id(IdKind.PRODUCT, new_id()), amina.label):
        assert told(await place(api, amina, nothing))[0][0] in ("NotFoundError", "ValidationError")
    suspended = await api.as_(await make_holder(commands, roles=(Role.FINANCE,))).command(
        "merchantSuspend", "merchant { status }", merchantId=shop.merchant_id, reason="Complaints"
    )
    assert suspended["merchant"] == {"status": "SUSPENDED"}
    assert told(await place(api, amina, shop.product_id)) == [("ConflictError", "MERCHANT_NOT_OPEN")]
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(299)
    stock = "query($id: ID!) { product(id: $id) { stock } }"
    assert (await api.ask(stock, id=shop.product_id))["product"] == {"stock": 2}


async def test_an_order_is_nobody_elses_and_a_refund_the_merchants(api: Api, commands: Commands, shop: Shop) -> None:
    amina, brian = await make_holder(commands, points(300)), await make_holder(commands)
    order = (await place(api, amina, shop.product_id))["order"]

    assert (await api.as_(brian).run(ONE, id=order["id"])).codes == ["NOT_FOUND"]
    assert (await api.run(ONE, id=order["id"])).codes == ["AUTHENTICATION_ERROR"]

    async def refund(who: Actor, key: str = "r1") -> Any:
        return await api.as_(who).command(
            "orderRefund",
            "order { status refundReason version }",
            orderId=order["id"],
            reason="The code did not work.",
            idempotencyKey=key,
        )

    for stranger in (brian, amina):
        assert told(await refund(stranger)) == [("NotFoundError", None)]
    first, again = await refund(shop.owner), await refund(shop.owner)
    assert first == again
    assert first["order"] == {"status": "REFUNDED", "refundReason": "The code did not work.", "version": 1}
    assert told(await refund(shop.owner, key="r2")) == [("ConflictError", "ORDER_NOT_REFUNDABLE")]
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(300)
    assert (await verified(commands)).is_sound


async def test_a_business_comes_in_through_the_api(api: Api, commands: Commands) -> None:
    owner, clerk = await make_holder(commands), await make_holder(commands, roles=(Role.FINANCE,))
    await observe(commands)
    merchant = "merchant { id name status owner { id } }"

    made = (await api.as_(owner).command("merchantRegister", merchant, name="  Duka  la Vitabu "))["merchant"]
    assert {name: made[name] for name in ("name", "status", "owner")} == {
        "name": "Duka la Vitabu",
        "status": "PENDING",
        "owner": {"id": owner.label},
    }
    seen = "query($id: ID!) { merchant(id: $id) { id } }"
    assert (await api.run(seen, id=made["id"])).codes == ["NOT_FOUND"]
    queue = "{ merchantQueue { nodes { id } } }"
    assert (await api.as_(clerk).ask(queue))["merchantQueue"]["nodes"] == [{"id": made["id"]}]
    assert (await api.as_(owner).run(queue)).codes == ["FORBIDDEN"]
    offer = {"merchantId": made["id"], "title": "Airtime voucher", "price": PRICE}
    assert told(await api.as_(owner).command("productCreate", "product { id }", **offer)) == [
        ("ConflictError", "MERCHANT_NOT_OPEN")
    ]
    await api.as_(clerk).command("merchantVerify", merchant, merchantId=made["id"], reason="Papers seen")
    product = (await api.as_(owner).command("productCreate", "product { id status stock }", **offer))["product"]
    assert (product["status"], product["stock"]) == ("OFFERED", 0)
    filled = await api.as_(owner).command(
        "productCodesAdd", "product { stock }", productId=product["id"], codes=["AB-1", "AB-2"]
    )
    assert filled["product"] == {"stock": 2}
    market = "{ products { nodes { id merchant { name } } } viewer: __typename }"
    assert (await api.ask(market))["products"]["nodes"] == [
        {"id": product["id"], "merchant": {"name": "Duka la Vitabu"}}
    ]
    paused = await api.as_(owner).command(
        "productUpdate", "product { status version }", productId=product["id"], status="PAUSED", expectedVersion=0
    )
    assert paused["product"] == {"status": "PAUSED", "version": 1}
    assert (await api.ask(market))["products"]["nodes"] == []
    all_ = "query($id: ID!) { merchantProducts(merchantId: $id) { nodes { id } } }"
    assert (await api.as_(owner).ask(all_, id=made["id"]))["merchantProducts"]["nodes"] == [{"id": product["id"]}]
    assert (await api.as_(await make_holder(commands)).run(all_, id=made["id"])).codes == ["NOT_FOUND"]


async def test_by_a_rail_one_is_set_aside_and_no_code_is_shown(
    api: Api, commands: Commands, gateways: Gateways
) -> None:
    owner, amina = await make_holder(commands), await make_holder(commands)
    await observe(commands)
    merchant = await make_merchant(commands, owner)
    product = await make_product(commands, gateways, owner, merchant, kes(12_900), stock=2)
    fields = "order { id status code payment { purpose rail state mpesa { phone } } product { stock } version }"
    price = {"amount": "129.00", "asset": "KES"}

    async def ask(key: str, **changes: Any) -> Any:
        given = {"productId": product.label, "price": price, "rail": "MPESA", "phone": "0708374149"}
        return await api.as_(amina).command("orderPlace", fields, idempotencyKey=key, **given | changes)

    first, again = await ask("k1"), await ask("k1")

    assert first == again
    order = first["order"]
    assert {name: order[name] for name in order if name != "id"} == {
        "status": "AWAITING_PAYMENT",
        "code": None,
        "payment": {
            "purpose": "ORDER",
            "rail": "MPESA",
            "state": "REQUESTED",
            "mpesa": {"phone": "+254••••••149"},
        },
        "product": {"stock": 1},
        "version": 0,
    }
    hidden = "query($id: ID!) { order(id: $id) { status code payment { state } } }"
    assert (await api.as_(owner).ask(hidden, id=order["id"]))["order"] == {
        "status": "AWAITING_PAYMENT",
        "code": None,
        "payment": None,
    }
    assert told(await ask("k2", couponCode="KARIBU")) == [("NotFoundError", None)]
    assert told(await ask("k3", phone="+447700900123")) == [("ValidationError", None)]
    assert told(await ask("k4", rail="BANK_TRANSFER")) == [("ConflictError", "RAIL_UNAVAILABLE")]
    cents = await make_product(commands, gateways, owner, merchant, kes(12_950))
    odd = {"productId": cents.label, "price": {"amount": "129.50", "asset": "KES"}}
    assert [error["path"] for error in (await ask("k5", **odd))["errors"]] == [["price", "amount"]]
    assert len(await commands.events("order.updated")) == 1


async def test_a_waiting_order_is_cancelled_by_its_customer_alone(
    api: Api, commands: Commands, gateways: Gateways
) -> None:
    owner, amina = await make_holder(commands), await make_holder(commands)
    await observe(commands)
    merchant = await make_merchant(commands, owner)
    product = await make_product(commands, gateways, owner, merchant, kes(12_900))
    order = await reserve(commands, amina, product.id, kes(12_900), by_phone())

    async def cancel(who: Actor) -> Any:
        return await api.as_(who).command(
            "orderCancel", "order { status cancelReason payment { state } product { stock } }", orderId=order.label
        )

    for stranger in (owner, await make_holder(commands)):
        assert told(await cancel(stranger)) == [("NotFoundError", None)]
    assert await cancel(amina) == {
        "order": {
            "status": "CANCELLED",
            "cancelReason": "Cancelled by the customer.",
            "payment": {"state": "CANCELLED"},
            "product": {"stock": 1},
        },
        "errors": [],
    }
    assert told(await cancel(amina)) == [("ConflictError", "ORDER_NOT_CANCELLABLE")]
    anonymous = f'mutation {{ orderCancel(input: {{orderId: "{order.label}"}}) {{ order {{ id }} }} }}'
    assert (await api.run(anonymous)).codes == ["AUTHENTICATION_ERROR"]
