"""Why the ledger refuses."""

from __future__ import annotations

from domain.errors import Conflict, NotFound
from domain.ledger.account import AccountRef
from domain.ledger.hold_state import HoldState
from domain.money import Money


class InsufficientFunds(Conflict):
    """The account would fall below what is held on it."""

    reason = "INSUFFICIENT_FUNDS"

    def __init__(self, *, account: AccountRef, needed: Money, available: Money) -> None:
        self.account, self.needed, self.available = account, needed, available
        super().__init__("Not enough available balance.")


class BalanceTooLarge(Conflict):
    """The receiving account would hold more than 64 bits can count."""

    reason = "BALANCE_TOO_LARGE"

    def __init__(self) -> None:
        super().__init__("The receiving balance would become too large.")


class ReferenceReused(Conflict):
    """The reference names another transfer or another hold already."""

    reason = "REFERENCE_REUSED"

    def __init__(self, reference: str) -> None:
        self.reference = reference
        super().__init__("This reference was used for something else.")


class HoldNotFound(NotFound):
    """Nothing was set aside under this reference."""

    def __init__(self) -> None:
        super().__init__("hold")


class HoldAlreadySettled(Conflict):
    """What was set aside has been taken or given back."""

    reason = "HOLD_ALREADY_SETTLED"

    def __init__(self, state: HoldState) -> None:
        self.state = state
        super().__init__(f"The held amount was already {state.value.lower()}.")


class CaptureExceedsHold(Conflict):
    """The transfer takes more than was set aside for it, or nothing of it."""

    reason = "CAPTURE_EXCEEDS_HOLD"

    def __init__(self) -> None:
        super().__init__("Only what was held can be taken.")
