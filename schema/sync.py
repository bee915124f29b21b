"""What devices bring when they were away, what they are told of it, and what they learn."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from schema.errors import Payload, UserError
from schema.money import MoneyInput
from schema.tip_qrs import TipQr
from schema.tips import Tip, TipGiveInput
from schema.workers import Worker

SyncSubject = Annotated[
    Tip | Worker | TipQr,
    strawberry.union("SyncSubject", description="What a device keeps a copy of; more kinds may come."),
]


@strawberry.input
class SyncWorkerSwitchInput:
    """As workerSwitch."""

    is_active: bool
    """False for a break; your codes stay."""
    expected_version: int | None = None
    """The version you saw; a conflict when your profile was changed since."""
    idempotency_key: str
    """Your name for this operation, 1 to 255 printable characters."""


@strawberry.input
class SyncTipQrCreateInput:
    """As tipQrCreate."""

    amount: MoneyInput | None = None
    """What it asks for, in KES from 1.00."""
    spot: str | None = None
    """Where it hangs, at most 40 characters."""
    idempotency_key: str
    """Your name for this operation, 1 to 255 printable characters."""


@strawberry.input
class SyncTipQrWithdrawInput:
    """As tipQrWithdraw."""

    qr_id: strawberry.ID
    """One of your own."""
    expected_version: int | None = None
    """The version you saw; a conflict when the code was changed since."""
    idempotency_key: str
    """Your name for this operation, 1 to 255 printable characters."""


@strawberry.input
class SyncOperationInput:
    """One operation that was queued: exactly one of its kinds."""

    tip_give: TipGiveInput | None = None
    """Tip a worker. The key that tipGive was tried with before gives it once."""
    worker_switch: SyncWorkerSwitchInput | None = None
    """Take tips, or none for a while."""
    tip_qr_create: SyncTipQrCreateInput | None = None
    """Make a code."""
    tip_qr_withdraw: SyncTipQrWithdrawInput | None = None
    """Make a code worth nothing."""
    depends_on: list[str] = strawberry.field(default_factory=list)
    """Keys of operations before it in this push; when one of them was not done, this one is not tried."""


@strawberry.input
class SyncPushInput:
    """What a device queued, in its order."""

    operations: list[SyncOperationInput]
    """1 to 50, carried out one after the other."""


@strawberry.interface
class SyncResult:
    """What became of one operation."""

    idempotency_key: str
    """Which one."""


@strawberry.type
class SyncAccepted(SyncResult):
    """It was carried out now."""

    subject: SyncSubject
    """What it made or changed."""


@strawberry.type
class SyncReplayed(SyncResult):
    """It was carried out before, and nothing happened now."""

    subject: SyncSubject
    """What it made or changed then."""


@strawberry.type
class SyncConflict(SyncResult):
    """Somebody was faster, or the key names another operation; nothing happened. Decide anew, under another key."""

    error: UserError
    """Why."""
    current_version: int | None
    """The version that there is; null where the key is what is at odds."""
    current: SyncSubject | None
    """What there is now; null where the key is what is at odds."""


@strawberry.type
class SyncRefused(SyncResult):
    """It was not done; `retryable` errors may be pushed again under the same key."""

    errors: list[UserError]
    """Why, as the operation by itself would tell."""


RESULTS: Final = (SyncAccepted, SyncReplayed, SyncConflict, SyncRefused)


@strawberry.type
class SyncPushPayload(Payload):
    """What became of each."""

    results: list[SyncResult] = strawberry.field(default_factory=list)
    """In the order of the operations; empty when the push was refused as a whole, and nothing happened."""


@strawberry.type
class SyncChanges:
    """What changed for you, in the order of change: each thing once, as it is now."""

    changes: list[SyncSubject]
    """Take each in the place of your copy."""
    next_cursor: str
    """Pass it as `after` the next time, whenever that is."""
    has_more: bool
    """Whether more is there already."""
