"""Holds: money that is set aside before it is certain that it moves."""

from __future__ import annotations

from datetime import datetime

from domain.ids import HoldId, TransferId, new_id
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.events import HoldChanged
from domain.ledger.ports import Hold, HoldOutcome, Posting
from domain.ledger.posting import tell_owners
from domain.ledger.transfer import Transfer
from domain.money import Money
from domain.unit_of_work import UnitOfWork


async def hold(  # noqa: PLR0913  # a hold has that many facts, and each caller knows them all
    uow: UnitOfWork, *, reference: str, account: AccountRef, amount: Money, code: TransferCode, expires_at: datetime
) -> HoldOutcome:
    """Set money aside for a transfer that may follow. Held before under this reference, it does nothing.

    Raises:
        InsufficientFunds: less is available.
        ReferenceReused: another amount, account or code is held under this reference.
    """
    assert account.kind.is_floored, "only what cannot be overdrawn can be held"
    assert expires_at > uow.now, "a hold lasts"
    wanted = Hold(reference=reference, account=account, amount=amount, code=code, expires_at=expires_at)
    outcome = await uow.ledger.hold(wanted, hold_id=HoldId(new_id()), at=uow.now)
    _tell_owner(uow, outcome)
    return outcome


async def capture(uow: UnitOfWork, *, reference: str, transfer: Transfer) -> Posting:
    """Take what is held by the transfer it was held for. Taken before by the same transfer, it does nothing.

    Raises:
        HoldNotFound: nothing is held under this reference.
        HoldAlreadySettled: it was settled otherwise.
        CaptureExceedsHold: the transfer takes nothing from the held account, or more than was held.
        ReferenceReused: the transfer's reference names another one.
    """
    posting, outcome = await uow.ledger.capture(reference, transfer, transfer_id=TransferId(new_id()), at=uow.now)
    _tell_owner(uow, outcome)
    tell_owners(uow, transfer, posting)
    return posting


async def release(uow: UnitOfWork, *, reference: str) -> HoldOutcome:
    """Give back what is held. Given back before, it does nothing.

    Raises:
        HoldNotFound: nothing is held under this reference.
        HoldAlreadySettled: it was taken, or its time was over.
    """
    outcome = await uow.ledger.release(reference, at=uow.now)
    _tell_owner(uow, outcome)
    return outcome


async def expire_due_holds(uow: UnitOfWork, *, limit: int = 50) -> int:
    """Give back what was held for too long, and answer how many holds that were."""
    expired = await uow.ledger.expire_due(at=uow.now, limit=limit)
    for outcome in expired:
        _tell_owner(uow, outcome)
    return len(expired)


def _tell_owner(uow: UnitOfWork, outcome: HoldOutcome) -> None:
    owner, wallet_id = outcome.hold.account.owner, outcome.hold.account.wallet_id
    if outcome.is_new and owner is not None and wallet_id is not None:
        uow.emit(
            HoldChanged(
                user_id=owner,
                wallet_id=wallet_id,
                balance=outcome.balance.posted,
                held=outcome.balance.held,
                available=outcome.balance.available,
                wallet_version=outcome.balance.version,
                hold_id=outcome.hold_id,
                state=outcome.state,
                amount=outcome.hold.amount,
                reference=outcome.hold.reference,
                expires_at=outcome.hold.expires_at,
            )
        )
