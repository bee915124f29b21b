"""A product that is bought by M-Pesa."""

from __future__ import annotations

from dataclasses import dataclass

from db.reads.orders import order_by_id
from db.reads.products import stock_of
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.ledger import chart
from domain.merchants.merchant import Merchant
from domain.money import Asset
from domain.orders.awaiting import cancel_order
from domain.orders.order import Order, OrderStatus
from domain.products.product import Product
from tests.makers.mpesa import Till, by_phone
from tests.makers.orders import make_merchant, make_product, reserve
from tests.makers.wallets import balance, kes, make_holder, usdt, verified

PRICE = kes(129_300)
VALUE = usdt(10_003_868)  # at 129.25 shillings for a USDT, rounded down
FEE = usdt(500_194)  # five per cent, rounded up


@dataclass
class Shop:
    """A till at which a product is bought."""

    till: Till
    gateways: Gateways
    amina: Actor
    seller: Actor
    merchant: Merchant
    product: Product

    async def reserve(self, buyer: Actor | None = None, *, phone: str = "+254708374149") -> Order:
        """Somebody orders by M-Pesa."""
        return await reserve(self.till.commands, buyer or self.amina, self.product.id, PRICE, by_phone(phone))

    async def order(self, order: Order) -> Order:
        """As it stands."""
        async with self.till.commands.database.read() as connection:
            found = await order_by_id(connection, order.id)
        assert found is not None
        return found

    async def cancel(self, order: Order, by: Actor | None = None) -> Order:
        """Its customer does not want it."""
        async with self.till.commands.by(by or self.amina) as uow:
            return await cancel_order(uow, order_id=order.id)

    async def stock(self) -> int:
        """How many are for sale."""
        async with self.till.commands.database.read() as connection:
            return (await stock_of(connection, [self.product.id])).get(self.product.id, 0)

    async def states(self) -> list[str]:
        """What was told of orders, in order."""
        return [event.body["status"] for event in await self.till.commands.events("order.updated")]

    async def require_delivered_once(self, order: Order) -> None:
        """Merchant and market have their shares by one transfer, and the customer has the code."""
        found = await self.order(order)
        assert (found.status, found.code_id) == (OrderStatus.DELIVERED, order.code_id)
        owed = await balance(self.till.commands, chart.merchant_payable(self.merchant.id))
        assert (owed, await balance(self.till.commands, chart.platform_revenue())) == (VALUE - FEE, FEE)
        assert await balance(self.till.commands, chart.rail("mpesa", Asset.KES)) == kes(-PRICE.minor)
        assert await self.till.shillings_of(self.amina) == 0
        assert await self.till.bookings() == 1
        assert (await verified(self.till.commands)).is_sound

    async def require_money_is_the_customers(self, order: Order) -> None:
        """Nothing was delivered, the code is for sale, and what was paid lies in the customer's wallet."""
        found = await self.order(order)
        assert (found.status, found.code_id) == (OrderStatus.CANCELLED, None)
        assert await self.till.shillings_of(self.amina) == PRICE.minor
        assert await balance(self.till.commands, chart.merchant_payable(self.merchant.id)) == usdt(0)
        assert await self.till.bookings() == 1
        assert "DELIVERED" not in await self.states()
        assert (await verified(self.till.commands)).is_sound


async def make_shop(till: Till, gateways: Gateways, buyer: Actor) -> Shop:
    """With two codes."""
    seller = await make_holder(till.commands)
    merchant = await make_merchant(till.commands, seller)
    product = await make_product(till.commands, gateways, seller, merchant, PRICE, stock=2)
    return Shop(till, gateways, buyer, seller, merchant, product)
