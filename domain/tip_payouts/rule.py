"""A worker's rule: when what they were tipped leaves to their phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ids import UserId, WorkerId
from domain.money import Asset, Money
from domain.payments.mobile_money import SHILLING_MINOR
from domain.payouts.phone_amount import SHILLINGS_MAX, SHILLINGS_MIN, require_payable_by_phone

# Less is not paid to a phone, so it is collected; more leaves in several payouts.
SMALLEST: Final = Money(SHILLINGS_MIN * SHILLING_MINOR, Asset.KES)
LARGEST: Final = Money(SHILLINGS_MAX * SHILLING_MINOR, Asset.KES)
DAILY_AT: Final = time(20)
RETRY_AFTER: Final = timedelta(minutes=15)


class TipPayoutWhen(StrEnum):
    """When collected tips leave."""

    AT_ONCE = "AT_ONCE"
    """As soon as they come to what can be paid to a phone."""
    AT_AMOUNT = "AT_AMOUNT"
    """As soon as they come to an amount."""
    DAILY = "DAILY"
    """Once a day, at eight in the evening of the market."""


@dataclass(eq=False, kw_only=True)
class TipPayoutRule:
    """One worker's, one at most. Tips given since `since` are collected, and each leaves in one payout.

    `carried_minor` is what was collected and did not leave: cents, and what is above the most that one payout takes.
    Before `waits_until` nothing leaves.
    """

    worker_id: WorkerId
    user_id: UserId
    when: TipPayoutWhen
    minimum_minor: int
    since: datetime
    waits_until: datetime
    carried_minor: int = 0
    version: int = 0

    @property
    def minimum(self) -> Money:
        """Below this nothing leaves."""
        return Money(self.minimum_minor, Asset.KES)

    def change(self, when: TipPayoutWhen, minimum: Money, *, at: datetime, utc_offset: timedelta) -> None:
        """Another rule for the same tips."""
        self.when, self.minimum_minor = when, minimum.minor
        self.waits_until = first_time(when, at=at, utc_offset=utc_offset)
        self.version += 1

    def leave(self, *, carried: Money, at: datetime, utc_offset: timedelta) -> None:
        """What was collected has left, but for what is carried on."""
        self.carried_minor = carried.minor
        self.waits_until = first_time(self.when, at=at, utc_offset=utc_offset)
        self.version += 1

    def forget_spent(self, left: Money, *, at: datetime) -> None:
        """Only so much of what was collected is still there: it is carried on, and what was spent is not waited for."""
        self.carried_minor, self.since = left.minor, at + timedelta(microseconds=1)
        self.version += 1

    def wait(self, *, until: datetime) -> None:
        """Nothing leaves before."""
        self.waits_until = until
        self.version += 1


def first_time(when: TipPayoutWhen, *, at: datetime, utc_offset: timedelta) -> datetime:
    """The first instant from `at` on at which a rule may have something leave; a daily one strictly after it."""
    if when is not TipPayoutWhen.DAILY:
        return at
    local = at.astimezone(timezone(utc_offset))
    evening = local.replace(hour=DAILY_AT.hour, minute=0, second=0, microsecond=0)
    due = evening if evening > local else evening + timedelta(days=1)
    return due.astimezone(at.tzinfo)


def minimum_of(when: TipPayoutWhen, amount: Money | None) -> Money:
    """From how much on tips leave.

    Raises:
        InvalidInput: an amount where none is wanted, none where one is, or one that no phone is paid.
    """
    path = ("amount",)
    if when is not TipPayoutWhen.AT_AMOUNT:
        if amount is not None:
            raise InvalidInput(FieldFault(path, "belongs to the rule AT_AMOUNT"))
        return SMALLEST
    if amount is None:
        raise InvalidInput(FieldFault(path, "says from how much on tips leave"))
    require_payable_by_phone(amount)
    return amount
