"""Why an order is refused."""

from __future__ import annotations

from domain.errors import Conflict, NotFound
from domain.money import Money


class OrderNotFound(NotFound):
    """No such order for this caller."""

    def __init__(self) -> None:
        super().__init__("order")


class OwnProduct(Conflict):
    """Nobody buys from themselves."""

    reason = "OWN_PRODUCT"

    def __init__(self) -> None:
        super().__init__("You cannot order your own product.")


class CouponNotFound(NotFound):
    """No such coupon; there are none yet."""

    def __init__(self) -> None:
        super().__init__("coupon")


class TooManyReserved(Conflict):
    """As many of one product wait for one customer's payments as may be set aside."""

    reason = "TOO_MANY_RESERVED"

    def __init__(self) -> None:
        super().__init__("Too many of this product are set aside for you; pay or cancel an order first.")


class OrderNotCancellable(Conflict):
    """It does not wait for its payment any more."""

    reason = "ORDER_NOT_CANCELLABLE"

    def __init__(self) -> None:
        super().__init__("This order does not wait for its payment any more.")


class RefundTooLarge(Conflict):
    """All refunds of an order together are at most its price."""

    reason = "REFUND_TOO_LARGE"

    def __init__(self, left: Money) -> None:
        self.left = left
        super().__init__(f"Of this order {left.amount} {left.asset.code} are left to be given back.")


class OrderNotRefundable(Conflict):
    """It was never delivered, or was refunded before."""

    reason = "ORDER_NOT_REFUNDABLE"

    def __init__(self) -> None:
        super().__init__("This order was refunded already, or never paid.")
