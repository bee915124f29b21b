"""An order live: its customer and its merchant hear of the refund, and nobody else listens."""

from __future__ import annotations

from domain.gateways import Gateways
from domain.refunds.refunding import refund_order
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.orders import buy, make_merchant, make_product
from tests.makers.wallets import make_holder, points
from tests.resolvers.live.listening import HEAD, LiveApi

LISTEN = f"""
subscription($orderId: ID!) {{ orderEvents(orderId: $orderId) {{
    __typename
    ... on OrderSnapshot {{ order {{ id status code }} }}
    ... on OrderUpdated {{ {HEAD} orderId status version }} }} }}
"""


async def test_both_sides_hear_a_refund(commands: Commands, gateways: Gateways, live: LiveApi) -> None:
    await observe(commands)
    seller, amina, brian = [await make_holder(commands, points(300)) for _ in range(3)]
    merchant = await make_merchant(commands, seller)
    product = await make_product(commands, gateways, seller, merchant, points(300))
    order = await buy(commands, amina, product.id, points(300))
    await live.settled()

    async with (
        live.listening(amina, LISTEN, orderId=order.label) as customer,
        live.listening(seller, LISTEN, orderId=order.label) as selling,
    ):
        shown = [await side.next() for side in (customer, selling)]
        async with commands.by(seller) as uow:
            await refund_order(uow, order_id=order.id, reason="The code did not work.")
        heard = [await side.next() for side in (customer, selling)]

    assert [one["order"]["status"] for one in shown] == ["DELIVERED", "DELIVERED"]
    assert shown[0]["order"]["code"].startswith("CODE-")
    assert shown[1]["order"]["code"] is None
    assert [(one["type"], one["orderId"], one["status"], one["version"]) for one in heard] == [
        ("order.updated", order.label, "REFUNDED", 1)
    ] * 2
    async with live.listening(brian, LISTEN, orderId=order.label) as stranger:
        assert (await stranger.refusal())["code"] == "NOT_FOUND"
