"""The words of a payout: where it stands, and the way it takes."""

from __future__ import annotations

from enum import StrEnum


class PayoutRail(StrEnum):
    """The way that money leaves."""

    BANK_TRANSFER = "BANK_TRANSFER"
    """A transfer that finance asks the bank for by a file, and says what became of."""
    MPESA = "MPESA"
    """Mobile money in Kenya, to the owner's own phone: whole shillings, 10 to 250 000 of them."""
    SANDBOX = "SANDBOX"
    """Nowhere: the stand-in of development, which answers as its destination asks."""

    @property
    def pays_by_itself(self) -> bool:
        """Whether it is asked to pay, and not a person."""
        return self is not PayoutRail.BANK_TRANSFER

    @property
    def tells_instants(self) -> bool:
        """Whether its statements say when something left, and not only on which day."""
        return self is PayoutRail.MPESA


class PayoutState(StrEnum):
    """Where a payout stands. FAILED, REJECTED and RETURNED are ends; PAID is one unless finance brings it back."""

    HELD = "HELD"
    """The money is set aside; finance decides."""
    APPROVED = "APPROVED"
    """It is to be sent, at the bank's in the next file; finance may still keep it."""
    SENDING = "SENDING"
    """It is on its way, under a name of ours that its rail keeps apart from all others."""
    UNKNOWN = "UNKNOWN"
    """The rail did not say what became of it: it is asked, and never sent again."""
    PAID = "PAID"
    """The money left."""
    FAILED = "FAILED"
    """The rail said that it did not leave; it is available again."""
    REJECTED = "REJECTED"
    """Finance said no; it is available again."""
    RETURNED = "RETURNED"
    """It was booked as paid, and did not leave or came back; it is available again."""

    @property
    def was_given_back(self) -> bool:
        """Whether the money is its owner's again."""
        return self in (PayoutState.FAILED, PayoutState.REJECTED)

    @property
    def is_under_way(self) -> bool:
        """Whether the rail may have it."""
        return self in (PayoutState.SENDING, PayoutState.UNKNOWN)
