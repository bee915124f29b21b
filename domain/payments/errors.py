"""Why a payment is refused."""

from __future__ import annotations

from domain.errors import Conflict, NotFound
from domain.payments.state import PaymentState


class PaymentNotFound(NotFound):
    """No such payment of this person."""

    def __init__(self) -> None:
        super().__init__("payment")


class PaymentAlreadyEnded(Conflict):
    """A payment ends once."""

    reason = "PAYMENT_ALREADY_ENDED"

    def __init__(self, state: PaymentState) -> None:
        self.state = state
        super().__init__(f"This payment has ended already: {state}.")


class PaymentMismatch(Conflict):
    """What arrived is not what was asked for."""

    reason = "PAYMENT_MISMATCH"

    def __init__(self) -> None:
        super().__init__("The rail, asset or amount is not that of the payment.")


class ReceiptAlreadyUsed(Conflict):
    """The money of a receipt is given something for once."""

    reason = "RECEIPT_ALREADY_USED"

    def __init__(self) -> None:
        super().__init__("This receipt was used for another payment.")


class RailUnavailable(Conflict):
    """This rail does not take this asset at present."""

    reason = "RAIL_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("This way of paying is not open for this asset at present.")


class ProofNotExpected(Conflict):
    """A proof is taken while the payment waits for its payer."""

    reason = "PROOF_NOT_EXPECTED"

    def __init__(self) -> None:
        super().__init__("This payment takes no proof.")


class NothingToVerify(Conflict):
    """The payment is not a bank transfer that waits for finance."""

    reason = "NOTHING_TO_VERIFY"

    def __init__(self) -> None:
        super().__init__("This payment is no bank transfer that waits to be verified.")


class NothingToConfirm(Conflict):
    """The payment is not one that its payer's app confirms here, or its acquirer does not know it yet."""

    reason = "NOTHING_TO_CONFIRM"

    def __init__(self) -> None:
        super().__init__("This payment is not confirmed so, or not yet.")


class TooManyOpenPayments(Conflict):
    """As many payments of one person wait as are watched at once."""

    reason = "TOO_MANY_OPEN_PAYMENTS"

    def __init__(self) -> None:
        super().__init__("Too many of your payments are open; pay or cancel one first.")
