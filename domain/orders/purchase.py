"""Purchase: a customer pays from a wallet and has the good, in one commit; or has it set aside until they paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ids import OrderId, ProductId, new_id
from domain.ledger.posting import post
from domain.money import BasisPoints, Money
from domain.orders.errors import CouponNotFound, OwnProduct, TooManyReserved
from domain.orders.order import Order, OrderStatus
from domain.orders.postings import order_paid, wallet_of
from domain.payments.requesting import Way, request_payment
from domain.payments.state import Purpose
from domain.products.errors import OutOfStock, PriceChanged
from domain.products.offer import Offer
from domain.products.product import Product, ProductCode, ProductDelivery
from domain.unit_of_work import UnitOfWork
from domain.wallets.current_price import valued_now

RESERVED_MAX: Final = 3
"""So many of one product are set aside for one customer: nobody empties a shop by promises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerms:
    """The market's general share, and how old an observed rate may be."""

    fee: BasisPoints
    stale_after: timedelta


async def place_order(
    uow: UnitOfWork, *, product_id: ProductId, price: Money, terms: OrderTerms, coupon_code: str | None = None
) -> tuple[Order, ProductCode | None]:
    """Buy one of a product at the price that the customer saw: the wallet is debited, the merchant is owed, and the
    code, which is answered sealed as it is kept, or the file as it is now, is the customer's, all or nothing.

    Raises:
        ProductNotFound, MerchantNotOpen, ProductNotOffered: it cannot be bought; a merchant whose owner is shut out
            does not sell.
        OwnProduct: it is the actor's own.
        PriceChanged: it costs something else now.
        CouponNotFound: there are no coupons yet.
        RateUnavailable: nobody said lately what the price's asset is worth.
        InvalidInput: the price is worth less than a millionth of a USDT.
        OutOfStock: every code is sold or set aside, or there is no file yet.
        InsufficientFunds: less is available than it costs.
    """
    offer = await uow.products.get_offer(product_id)
    order = await _meant(uow, offer, price=price, terms=terms, coupon_code=coupon_code)
    code = await _add(uow, offer.product, order)
    await post(uow, order_paid(order, source=wallet_of(order)))
    uow.emit(order.told)
    return order, code


async def reserve_order(
    uow: UnitOfWork, *, product_id: ProductId, price: Money, terms: OrderTerms, way: Way, coupon_code: str | None = None
) -> Order:
    """Set one aside at the price that the customer saw, and ask them to pay it by a rail. It is delivered once the
    money arrived; when the payment ends otherwise, a code is for sale again.

    Raises:
        TooManyReserved: three of the product are set aside for the actor already.
        RailUnavailable, QuotaExceeded, TooManyOpenPayments, InvalidInput: as for `request_payment`; no rail takes
            points.
        Else as for `place_order`, but for InsufficientFunds.
    """
    offer = await uow.products.get_offer(product_id)
    order = await _meant(uow, offer, price=price, terms=terms, coupon_code=coupon_code)
    requested = await request_payment(uow, purpose=Purpose.ORDER, amount=price, way=way, path=("price",))
    if await uow.orders.awaiting_count(order.buyer_id, product_id) >= RESERVED_MAX:
        raise TooManyReserved
    order.status, order.payment_id = OrderStatus.AWAITING_PAYMENT, requested.intent.id
    await _add(uow, offer.product, order)
    uow.emit(order.told)
    return order


async def _add(uow: UnitOfWork, product: Product, order: Order) -> ProductCode | None:
    match product.delivery:
        case ProductDelivery.CODE:
            return await uow.orders.add_taking_code(order)
        case ProductDelivery.FILE:
            if product.file_id is None:
                raise OutOfStock
            order.file_id = product.file_id
            await uow.orders.add(order)
            return None


async def _meant(uow: UnitOfWork, offer: Offer, *, price: Money, terms: OrderTerms, coupon_code: str | None) -> Order:
    if coupon_code is not None:
        raise CouponNotFound
    offer.require_open()
    product, merchant = offer.product, offer.merchant
    if merchant.owner_id == uow.actor.user_id:
        raise OwnProduct
    if product.price != price:
        raise PriceChanged
    valued = await valued_now(uow, price, stale_after=terms.stale_after)
    if not valued.value.is_positive:
        raise InvalidInput(FieldFault(("price",), "is worth nothing at present"))
    fee, _ = merchant.fee(terms.fee).split(valued.value)
    return Order(
        id=OrderId(new_id()),
        buyer_id=uow.actor.user_id,
        merchant_id=merchant.id,
        merchant_owner_id=merchant.owner_id,
        product_id=product.id,
        price=price,
        value_minor=valued.value.minor,
        fee_minor=fee.minor,
        rate_id=valued.rate_id(price.asset),
        words=valued.words,
        placed_at=uow.now,
        updated_at=uow.now,
    )
