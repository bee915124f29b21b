"""Why an order is refused."""

from __future__ import annotations

from domain.errors import Conflict, NotFound


class OrderNotFound(NotFound):
    """No such order for this caller."""

    def __init__(self) -> None:
        super().__init__("order")


class OwnProduct(Conflict):
    """Nobody buys from themselves."""

    reason = "OWN_PRODUCT"

    def __init__(self) -> None:
        super().__init__("You cannot order your own product.")


class OrderNotRefundable(Conflict):
    """It was refunded before."""

    reason = "ORDER_NOT_REFUNDABLE"

    def __init__(self) -> None:
        super().__init__("This order was refunded already.")
