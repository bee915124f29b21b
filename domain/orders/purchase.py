"""Purchase: a customer pays from a wallet and has the good, in one commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from domain.errors import FieldFault, InvalidInput
from domain.ids import OrderId, ProductId, new_id
from domain.ledger.posting import post
from domain.merchants.errors import MerchantNotOpen
from domain.money import BasisPoints, Money
from domain.orders.errors import OwnProduct
from domain.orders.order import Order
from domain.orders.postings import order_paid
from domain.products.errors import PriceChanged
from domain.products.product import ProductCode
from domain.unit_of_work import UnitOfWork
from domain.wallets.current_price import valued_now


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerms:
    """The market's general share, and how old an observed rate may be."""

    fee: BasisPoints
    stale_after: timedelta


async def place_order(
    uow: UnitOfWork, *, product_id: ProductId, price: Money, terms: OrderTerms
) -> tuple[Order, ProductCode]:
    """Buy one of a product at the price that the customer saw: the wallet is debited, the merchant is owed, and the
    code is the customer's, all or nothing.

    Raises:
        ProductNotFound, MerchantNotOpen, ProductNotOffered: it cannot be bought; a merchant whose owner is shut out
            does not sell.
        OwnProduct: it is the actor's own.
        PriceChanged: it costs something else now.
        RateUnavailable: nobody said lately what the price's asset is worth.
        InvalidInput: the price is worth less than a millionth of a USDT.
        OutOfStock: every code is sold.
        InsufficientFunds: less is available than it costs.
    """
    product = await uow.products.get(product_id)
    merchant, is_owner_blocked = await uow.merchants.get_with_owner(product.merchant_id)
    merchant.require_open()
    if is_owner_blocked:
        raise MerchantNotOpen
    product.require_offered()
    if merchant.owner_id == uow.actor.user_id:
        raise OwnProduct
    if product.price != price:
        raise PriceChanged
    valued = await valued_now(uow, price, stale_after=terms.stale_after)
    if not valued.value.is_positive:
        raise InvalidInput(FieldFault(("price",), "is worth nothing at present"))
    order_id = OrderId(new_id())
    fee, _ = merchant.fee(terms.fee).split(valued.value)
    code = await uow.products.take_code(product.id, order_id=order_id)
    order = Order(
        id=order_id,
        buyer_id=uow.actor.user_id,
        merchant_id=merchant.id,
        merchant_owner_id=merchant.owner_id,
        product_id=product.id,
        code_id=code.id,
        price=price,
        value_minor=valued.value.minor,
        fee_minor=fee.minor,
        rate_id=valued.rate_id(price.asset),
        words=valued.words,
        placed_at=uow.now,
        updated_at=uow.now,
    )
    await post(uow, order_paid(order))
    await uow.orders.add(order)
    uow.emit(order.told)
    return order, code
