"""Why a payout is refused."""

from __future__ import annotations

from domain.errors import Conflict, NotFound
from domain.money import Money
from domain.payouts.state import PayoutState


class PayoutNotFound(NotFound):
    """No such payout for this caller."""

    def __init__(self) -> None:
        super().__init__("payout")


class PayoutLimitExceeded(Conflict):
    """A day's payouts of one person are worth more than is let out to who is known so well; amounts are in USDT."""

    reason = "PAYOUT_LIMIT_EXCEEDED"

    def __init__(self, *, limit: Money, left: Money) -> None:
        self.limit, self.left = limit, left
        super().__init__("Your payouts of a day would be worth more than the limit.")


class PayoutAlreadyDecided(Conflict):
    """It no longer waits for a decision."""

    reason = "PAYOUT_ALREADY_DECIDED"

    def __init__(self, state: PayoutState) -> None:
        self.state = state
        super().__init__(f"This payout was already decided: it is {state.value.lower()}.")


class SecondPersonNeeded(Conflict):
    """The same person does not approve a payout twice."""

    reason = "SECOND_PERSON_NEEDED"

    def __init__(self) -> None:
        super().__init__("Somebody else has to approve this payout as well.")


class UninvolvedPersonNeeded(Conflict):
    """Of a large payout, who let it leave does not bring its money back."""

    reason = "UNINVOLVED_PERSON_NEEDED"

    def __init__(self) -> None:
        super().__init__("Somebody who neither approved nor sent this payout has to say that it did not leave.")


class PayeeBlocked(Conflict):
    """Nothing leaves to somebody who is shut out."""

    reason = "PAYEE_BLOCKED"

    def __init__(self) -> None:
        super().__init__("The owner of this payout is blocked; it can be rejected.")


class PayoutNotUnderWay(Conflict):
    """Nothing is waited for."""

    reason = "PAYOUT_NOT_UNDER_WAY"

    def __init__(self, state: PayoutState) -> None:
        self.state = state
        super().__init__(f"This payout is not under way: it is {state.value.lower()}.")


class PayoutReceiptUsed(Conflict):
    """A rail's number stands for one payment of the rail, so it settles one payout."""

    reason = "RECEIPT_ALREADY_USED"

    def __init__(self) -> None:
        super().__init__("This number has settled another payout already.")


class PayoutStillSending(Conflict):
    """Its rail is being asked to pay at this moment, so nobody else says what becomes of it."""

    reason = "PAYOUT_STILL_SENDING"
    is_retryable = True

    def __init__(self) -> None:
        super().__init__("This payout is being sent; say what became of it when its rail did not.")


class NoPayoutAccount(Conflict):
    """Nobody said from which account of the market payouts leave."""

    reason = "PAYOUT_ACCOUNT_MISSING"

    def __init__(self) -> None:
        super().__init__("The settings name no bank account from which payouts in this asset leave.")


class NothingToExport(Conflict):
    """No approved bank payout waits."""

    reason = "NOTHING_TO_EXPORT"

    def __init__(self) -> None:
        super().__init__("No approved payout waits for a bank file in this asset.")


class BankFileNotFound(NotFound):
    """No such bank file."""

    def __init__(self) -> None:
        super().__init__("bank file")


class PayoutStatementNotFound(NotFound):
    """No such statement."""

    def __init__(self) -> None:
        super().__init__("statement")


class PayoutNotPaid(Conflict):
    """Only what is booked as paid can be brought back."""

    reason = "PAYOUT_NOT_PAID"

    def __init__(self, state: PayoutState) -> None:
        self.state = state
        super().__init__(f"This payout is not booked as paid: it is {state.value.lower()}.")


class PayoutConfirmed(Conflict):
    """The rail says that it left, so it is not given back."""

    reason = "PAYOUT_CONFIRMED"

    def __init__(self) -> None:
        super().__init__("A statement says by now that this payout left.")


class StatementTooShort(Conflict):
    """Of what left behind a statement's newest payment, or before its oldest, its silence says nothing."""

    reason = "STATEMENT_TOO_SHORT"

    def __init__(self) -> None:
        super().__init__(
            "No statement reaches from when this payout was sent to when it was paid; bring one that does."
        )


class NoStatement(Conflict):
    """What a rail did by itself is compared with its own word only."""

    reason = "NO_STATEMENT"

    def __init__(self) -> None:
        super().__init__("This rail has told of no payment of this day.")


class StatementBeingBooked(Conflict):
    """A day is compared when all that was said of it is booked."""

    reason = "STATEMENT_BEING_BOOKED"
    is_retryable = True

    def __init__(self) -> None:
        super().__init__("A statement of this day is being booked; try again in a moment.")


class ReconciliationRunNotFound(NotFound):
    """No such run."""

    def __init__(self) -> None:
        super().__init__("reconciliation run")


class DiscrepancyNotFound(NotFound):
    """No such difference."""

    def __init__(self) -> None:
        super().__init__("discrepancy")


class DiscrepancyAlreadyClosed(Conflict):
    """Nothing is to be done about it any more."""

    reason = "DISCREPANCY_ALREADY_CLOSED"

    def __init__(self) -> None:
        super().__init__("Somebody acted on this already, or both sides agree by now.")


class ActionNotOpen(Conflict):
    """This does not help against such a difference."""

    reason = "ACTION_NOT_OPEN"

    def __init__(self) -> None:
        super().__init__("This cannot be done about such a discrepancy.")


class PayoutRailUnavailable(Conflict):
    """This rail is not open here."""

    reason = "RAIL_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("This way of paying out is not open for this asset.")


class PayoutRailNotPaused(Conflict):
    """Nothing keeps this rail from paying."""

    reason = "RAIL_NOT_PAUSED"

    def __init__(self) -> None:
        super().__init__("This way of paying out is not paused.")
