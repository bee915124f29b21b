"""What the ledger's functions raise, and the refusals they mean."""

from __future__ import annotations

import json
from typing import Any

import asyncpg

from domain.errors import DomainError
from domain.ledger.account import AccountKind, AccountRef
from domain.ledger.errors import (
    BalanceTooLarge,
    CaptureExceedsHold,
    HoldAlreadySettled,
    HoldNotFound,
    InsufficientFunds,
    ReferenceReused,
)
from domain.ledger.hold_state import HoldState
from domain.money import Money


def refusal_of(  # noqa: PLR0911  # one line a state is the clearest table
    fault: asyncpg.PostgresError, *, reference: str
) -> DomainError | None:
    """The refusal that a function's error stands for, or None for a fault of ours.

    SK008 (a row that is written once) and SK009 (a caller's mistake) are such faults.
    """
    detail = fault.detail or ""
    match fault.sqlstate:
        case "SK001":
            return _insufficient_funds(json.loads(detail))
        case "SK002":
            return ReferenceReused(reference)
        case "SK003":
            return HoldNotFound()
        case "SK004":
            return HoldAlreadySettled(HoldState[detail])
        case "SK005":
            return CaptureExceedsHold()
        case "22003":
            return BalanceTooLarge()
    return None


def _insufficient_funds(detail: dict[str, Any]) -> InsufficientFunds:
    account = AccountRef.of_path(detail["path"], AccountKind[detail["kind"]])
    needed, available = Money(detail["needed"], account.asset), Money(detail["available"], account.asset)
    return InsufficientFunds(account=account, needed=needed, available=available)
