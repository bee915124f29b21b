"""Why money moves: every way there is, from where to where it may go, and what its owner reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, Self

RAILS: Final = ("bank_transfer", "mpesa", "card", "paypal", "razorpay")
"""The rails that money arrives by, as their accounts name them."""
PAYOUT_RAILS: Final = ("bank_transfer", "mpesa", "sandbox")
"""The rails that money leaves by."""


def _from_every_rail(*destinations: str) -> Iterator[tuple[str, str]]:
    return ((f"platform:rail:{rail}", destination) for rail in RAILS for destination in destinations)


class TransactionType(Enum):
    """What a movement is to the owner of a wallet."""

    CREDIT = "CREDIT"
    """Money arrived."""
    DEBIT = "DEBIT"
    """Money left."""
    REFUND = "REFUND"
    """Money that had left came back."""
    PAYOUT = "PAYOUT"
    """Money left the market for its owner's own account elsewhere."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code stands for. `routes` are patterns of accounts, source and destination; none allows all."""

    meaning: str
    routes: frozenset[tuple[str, str]]
    credit: TransactionType = TransactionType.CREDIT
    debit: TransactionType = TransactionType.DEBIT


class TransferCode(Enum):
    """The reason of a transfer; it binds the accounts that may take part."""

    rule: Rule

    PERSON_TO_PERSON = (
        "PERSON_TO_PERSON",
        Rule(
            "One person sends money to another.",
            frozenset({("user:*:wallet", "user:*:wallet")}),
        ),
    )
    """One person sends money to another."""
    ADJUSTMENT = (
        "ADJUSTMENT",
        Rule(
            "Finance corrects a wallet by hand and says why.",
            frozenset({("platform:adjustments", "user:*:wallet"), ("user:*:wallet", "platform:adjustments")}),
        ),
    )
    """Finance corrects a wallet by hand and says why."""
    CONVERSION = (
        "CONVERSION",
        Rule(
            "A person exchanges one asset for another, by way of USDT; the fee is the market's.",
            frozenset(
                {
                    ("user:*:wallet", "platform:conversion"),
                    ("user:*:wallet", "platform:points_redeemed"),
                    ("user:*:wallet", "platform:reserve"),
                    ("user:*:wallet", "platform:revenue"),
                    ("platform:conversion", "user:*:wallet"),
                    ("platform:conversion", "platform:reserve"),
                    ("platform:conversion", "platform:revenue"),
                    ("platform:reserve", "user:*:wallet"),
                    ("platform:reserve", "platform:conversion"),
                    ("platform:reserve", "platform:revenue"),
                    ("platform:points_issued", "user:*:wallet"),
                }
            ),
        ),
    )
    """A person exchanges one asset for another."""
    TOP_UP = (
        "TOP_UP",
        Rule(
            "A person's money arrived by a rail, and becomes what they asked for; the fee is the market's.",
            frozenset(
                {
                    *_from_every_rail("user:*:wallet", "platform:conversion"),
                    ("platform:conversion", "user:*:wallet"),
                    ("platform:conversion", "platform:reserve"),
                    ("platform:conversion", "platform:revenue"),
                    ("platform:points_issued", "user:*:wallet"),
                }
            ),
        ),
    )
    """A person's money arrived by a rail, and becomes what they asked for."""
    LATE_PAYMENT = (
        "LATE_PAYMENT",
        Rule(
            "Money arrived for a payment that had ended otherwise; it is the payer's.",
            frozenset(_from_every_rail("user:*:wallet")),
        ),
    )
    """Money arrived for a payment that had ended otherwise."""
    PAYMENT_CREDITED = (
        "PAYMENT_CREDITED",
        Rule(
            "Money arrived for something that could not be given any more; it is the payer's.",
            frozenset(_from_every_rail("user:*:wallet")),
        ),
    )
    """Money arrived for something that could not be given any more."""
    ORDER_PAID = (
        "ORDER_PAID",
        Rule(
            "A customer buys a product; its value is the merchant's in USDT, less the market's share.",
            frozenset(
                {
                    *_from_every_rail("platform:conversion", "merchant:*:payable", "platform:revenue"),
                    ("user:*:wallet", "platform:points_redeemed"),
                    ("user:*:wallet", "platform:conversion"),
                    ("user:*:wallet", "merchant:*:payable"),
                    ("user:*:wallet", "platform:revenue"),
                    ("platform:reserve", "merchant:*:payable"),
                    ("platform:reserve", "platform:revenue"),
                    ("platform:conversion", "merchant:*:payable"),
                    ("platform:conversion", "platform:revenue"),
                }
            ),
        ),
    )
    """A customer buys a product."""
    ORDER_REFUNDED = (
        "ORDER_REFUNDED",
        Rule(
            "A customer has a part of a price back, or all of it; merchant and market give their parts.",
            frozenset(
                {
                    ("platform:points_redeemed", "user:*:wallet"),
                    ("platform:conversion", "user:*:wallet"),
                    ("merchant:*:payable", "user:*:wallet"),
                    ("platform:revenue", "user:*:wallet"),
                    ("merchant:*:payable", "platform:reserve"),
                    ("platform:revenue", "platform:reserve"),
                    ("merchant:*:payable", "platform:conversion"),
                    ("platform:revenue", "platform:conversion"),
                }
            ),
            credit=TransactionType.REFUND,
        ),
    )
    """A customer has a part of a price back, or all of it."""
    TIP = (
        "TIP",
        Rule(
            "A customer tips a worker.",
            frozenset({("user:*:wallet", "user:*:wallet"), *_from_every_rail("user:*:wallet")}),
        ),
    )
    """A customer tips a worker."""
    PAYOUT = (
        "PAYOUT",
        Rule(
            "A person's money leaves the market for their own account elsewhere.",
            frozenset(("user:*:wallet", f"platform:rail:{rail}") for rail in PAYOUT_RAILS),
            debit=TransactionType.PAYOUT,
        ),
    )
    """A person's money leaves the market for their own account elsewhere."""
    REVERSAL = (
        "REVERSAL",
        Rule(
            "A transfer is taken back, move by move.",
            frozenset(),
            credit=TransactionType.REFUND,
        ),
    )
    """A transfer is taken back, move by move."""

    def __new__(cls, code: str, rule: Rule) -> Self:
        """A member whose value is its code, which is what is stored and sent."""
        member = object.__new__(cls)
        member._value_ = code
        member.rule = rule
        return member

    def allows(self, source: str, destination: str) -> bool:
        """Whether money may go this way for this reason."""
        return not self.rule.routes or (source, destination) in self.rule.routes

    def seen_as(self, change_minor: int) -> TransactionType:
        """What the owner of an account that it changes by so much reads."""
        return self.rule.credit if change_minor > 0 else self.rule.debit
