"""The words of a payment: what it is for, the way it takes, and where it stands."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """What is given for the money."""

    TOP_UP = "TOP_UP"
    """Something in the payer's own wallet."""
    ORDER = "ORDER"
    """A product is bought."""
    TIP = "TIP"
    """A worker is tipped."""


class Rail(StrEnum):
    """The way that money arrives."""

    BANK_TRANSFER = "BANK_TRANSFER"
    """A transfer that finance verifies by hand."""
    MPESA = "MPESA"
    """A prompt on the payer's phone, which they answer with their M-Pesa PIN; whole shillings."""
    CARD = "CARD"
    """A card, which the payer's app confirms at the acquirer with the checkout's client secret."""
    PAYPAL = "PAYPAL"
    """A PayPal account: the payer approves it there, by the checkout's next action."""
    RAZORPAY = "RAZORPAY"
    """UPI, cards and banks of India: the payer's app opens the acquirer's checkout, and shows what that signed."""


class PaymentState(StrEnum):
    """Where a payment stands; the last four are ends."""

    REQUESTED = "REQUESTED"
    """The rail does not know of it yet."""
    AWAITING_PAYER = "AWAITING_PAYER"
    """The payer acts: pays by bank, enters a PIN, confirms a card."""
    PAID = "PAID"
    """The money arrived and was used for what it was for, or is the payer's where that could not be given any more."""
    CANCELLED = "CANCELLED"
    """The payer did not want it."""
    FAILED = "FAILED"
    """The rail, or finance, refused it."""
    EXPIRED = "EXPIRED"
    """Nobody paid in time."""

    @property
    def is_ended(self) -> bool:
        """Whether it stays so."""
        return self not in (PaymentState.REQUESTED, PaymentState.AWAITING_PAYER)
