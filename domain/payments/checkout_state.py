"""Where a checkout stands, and what its acquirer is asked next."""

from __future__ import annotations

from enum import StrEnum


class CheckoutState(StrEnum):
    """Where a payment stands at its acquirer; the last three are ends."""

    WAITING = "WAITING"
    """To be opened."""
    OPENING = "OPENING"
    """The acquirer was asked, under a name that was stored before; whoever does not know the answer asks again."""
    OPEN = "OPEN"
    """The payer may pay."""
    AUTHENTICATING = "AUTHENTICATING"
    """The payer's bank wants them to prove who they are."""
    PROCESSING = "PROCESSING"
    """The acquirer has the payer's word and does not know yet whether it is good."""
    APPROVED = "APPROVED"
    """The payer agreed; the acquirer takes the money when it is told to."""
    PAID = "PAID"
    """The acquirer has the money."""
    CLOSED = "CLOSED"
    """Nobody pays it any more."""
    REFUSED = "REFUSED"
    """The acquirer did not take it."""

    @property
    def is_ended(self) -> bool:
        """Whether the acquirer is asked no more."""
        return self in (CheckoutState.PAID, CheckoutState.CLOSED, CheckoutState.REFUSED)

    @property
    def is_unopened(self) -> bool:
        """Whether its acquirer's name for it is not known."""
        return self in (CheckoutState.WAITING, CheckoutState.OPENING)


class AcquirerCall(StrEnum):
    """What an acquirer is asked."""

    OPEN = "OPEN"
    LOOK = "LOOK"
    CAPTURE = "CAPTURE"
    CLOSE = "CLOSE"
