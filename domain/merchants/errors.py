"""Why a merchant is refused."""

from __future__ import annotations

from domain.errors import Conflict, NotFound


class MerchantNotFound(NotFound):
    """No such merchant for this caller."""

    def __init__(self) -> None:
        super().__init__("merchant")


class MerchantNotOpen(Conflict):
    """It was not verified, or is suspended."""

    reason = "MERCHANT_NOT_OPEN"

    def __init__(self) -> None:
        super().__init__("This merchant does not sell at present.")


class MerchantStays(Conflict):
    """It is what it is to become already."""

    reason = "MERCHANT_STAYS"

    def __init__(self, status: str) -> None:
        self.status = status
        super().__init__(f"This merchant is {status.lower()} already.")


class TooManyMerchants(Conflict):
    """As many businesses as one person may have."""

    reason = "TOO_MANY_MERCHANTS"

    def __init__(self) -> None:
        super().__init__("You have as many merchants as one person may have.")


class SettlementAddressStays(Conflict):
    """It is in force, or will be."""

    reason = "SETTLEMENT_ADDRESS_STAYS"

    def __init__(self) -> None:
        super().__init__("This merchant is, or will be, paid at this address already.")


class NoPendingAddress(Conflict):
    """There is nothing to cancel."""

    reason = "NO_PENDING_ADDRESS"

    def __init__(self) -> None:
        super().__init__("No other address waits for its day to be over.")
