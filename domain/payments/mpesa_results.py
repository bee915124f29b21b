"""What the result codes of M-Pesa mean to a payment.

Source: the table of M-Pesa Express in the Daraja 3.0 documentation. 26, 1001 and 9999 are not in it and are seen in the
field: the person may try again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from domain.payments.state import PaymentState

SUCCESS: Final = "0"


@dataclass(frozen=True, slots=True)
class Meaning:
    """How a payment ends, and what its payer reads. `alerts`: people of ours have to look at it."""

    state: PaymentState
    words: str
    alerts: bool = False


_FAILED: Final = PaymentState.FAILED
MEANINGS: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        SUCCESS: Meaning(PaymentState.PAID, "Paid."),
        "1": Meaning(_FAILED, "There is too little money on the phone's account."),
        "2": Meaning(_FAILED, "The amount is below M-Pesa's minimum."),
        "3": Meaning(_FAILED, "The amount is above M-Pesa's maximum."),
        "4": Meaning(_FAILED, "The phone's daily limit is reached; try again tomorrow."),
        "8": Meaning(_FAILED, "M-Pesa cannot credit the market at present.", alerts=True),
        "17": Meaning(_FAILED, "The same amount was asked of this phone just now; wait two minutes."),
        "26": Meaning(_FAILED, "M-Pesa is busy; try again."),
        "1001": Meaning(_FAILED, "The phone is busy with another payment; try again."),
        "1019": Meaning(PaymentState.EXPIRED, "The prompt expired."),
        "1025": Meaning(_FAILED, "The prompt could not be sent; try again."),
        "1032": Meaning(PaymentState.CANCELLED, "Cancelled on the phone."),
        "1037": Meaning(PaymentState.EXPIRED, "The phone was not reached, or nobody answered."),
        "2001": Meaning(_FAILED, "The M-Pesa PIN was wrong."),
        "2028": Meaning(_FAILED, "M-Pesa is not set up for the market at present.", alerts=True),
        "8006": Meaning(_FAILED, "The M-Pesa PIN is locked; call 100 or 200."),
        "9999": Meaning(_FAILED, "M-Pesa could not send the prompt; try again."),
        "SFC_IC0003": Meaning(_FAILED, "M-Pesa is not set up for the market at present.", alerts=True),
    }
)


def meaning_of(code: str) -> Meaning:
    """What a code means. One that nobody knows is a failure to be looked at, never a success."""
    return MEANINGS.get(code) or Meaning(_FAILED, "M-Pesa gave a reason that is not known.", alerts=True)


def failure_of(code: str) -> str:
    """What the payer reads, the code in front of it."""
    name = code if code in MEANINGS else f"UNCLASSIFIED:{code}"
    return f"{name}: {meaning_of(code).words}"
