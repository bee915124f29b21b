"""Why a product is refused."""

from __future__ import annotations

from domain.errors import Conflict, NotFound


class ProductNotFound(NotFound):
    """No such product for this caller."""

    def __init__(self) -> None:
        super().__init__("product")


class ProductNotOffered(Conflict):
    """Its merchant has paused it."""

    reason = "PRODUCT_NOT_OFFERED"

    def __init__(self) -> None:
        super().__init__("This product is not offered at present.")


class OutOfStock(Conflict):
    """Every code is sold or set aside, or there is no file yet."""

    reason = "OUT_OF_STOCK"

    def __init__(self) -> None:
        super().__init__("This product is sold out.")


class PriceChanged(Conflict):
    """The customer saw another price."""

    reason = "PRICE_CHANGED"

    def __init__(self) -> None:
        super().__init__("The price has changed; look at it again.")


class NotDeliveredSo(Conflict):
    """Codes are for products that are delivered as codes, and a file for one that is delivered as a file."""

    reason = "NOT_DELIVERED_SO"

    def __init__(self, delivery: str) -> None:
        self.delivery = delivery
        super().__init__(f"This product is delivered as a {delivery.lower()}.")


class CodeAlreadyAdded(Conflict):
    """A code is sold once, so it is taken in once."""

    reason = "CODE_ALREADY_ADDED"

    def __init__(self) -> None:
        super().__init__("One of these codes was added before.")
