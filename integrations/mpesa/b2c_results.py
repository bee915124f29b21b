"""What the result codes of a payment to a phone mean.

Source: the table of Business To Customer in the Daraja 3.0 documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.payouts.outcome import Failed, NeverReceived, Outcome, Unknown
from domain.payouts.rail_pause import Reach

SUCCESS: Final = "0"
COMPLETED: Final = "Completed"
# Besides `Completed`, a payment that is asked about may be on its way, or may never be made.
UNDECIDED: Final = frozenset({"Authorized", "Initiated", "Pending"})
NOT_DONE: Final = frozenset({"Cancelled", "Declined", "Expired", "Failed"})
# The code of an unknown transaction, documented for reversals. Every other code of a question leaves all open.
NOT_FOUND: Final = frozenset({"R000002"})

_OURS: Final = "The market cannot pay by M-Pesa at present."
_FAILURES: Final[Mapping[str, Failed]] = MappingProxyType(
    {
        code: Failed(f"{code}: {words}", pauses=pauses)
        for code, words, pauses in (
            ("1", _OURS, Reach.SENDING),  # our utility account is empty
            ("2", "The amount is below M-Pesa's minimum.", None),
            ("3", "The amount is above M-Pesa's maximum.", None),
            ("4", "The phone's daily limit is reached; try again tomorrow.", None),
            ("8", "The phone's account would hold more than M-Pesa allows.", None),
            ("11", _OURS, Reach.SENDING),  # our account is not active
            ("21", _OURS, Reach.SENDING),  # our operator lacks the role
            ("2001", _OURS, Reach.EVERYTHING),  # our operator's credentials are wrong: each try brings the lock nearer
            ("2006", _OURS, Reach.SENDING),  # our account is not active
            ("2028", _OURS, Reach.SENDING),  # our short code may not pay
            ("2040", "The phone is not registered with M-Pesa.", None),
            ("8006", _OURS, Reach.EVERYTHING),  # our operator's password is locked
            ("SFC_IC0003", "M-Pesa does not know this phone number.", None),
        )
    }
)


def outcome_of_result(code: str) -> Outcome:
    """What became of a payment that did not succeed. A code that nobody knows is neither a success nor a failure."""
    return _FAILURES.get(code) or Unknown(unclear=f"result {code}")


def outcome_of_question(code: str) -> Outcome:
    """What a question came to that was not answered."""
    if code in NOT_FOUND:
        return NeverReceived(f"{code}: M-Pesa never received it.")
    stops = _FAILURES.get(code)
    return Unknown(unclear=f"question {code}", pauses=stops.pauses if stops else None)


def outcome_of_status(status: str | None) -> Outcome:
    """What a payment's status says that is not completed."""
    if status in NOT_DONE:
        return Failed(f"{status}: M-Pesa did not pay it.")
    return Unknown() if status in UNDECIDED else Unknown(unclear=f"status {status}")
