"""Review: finance lets payouts leave, or keeps them."""

from __future__ import annotations

from domain.identity.errors import OwnAccount
from domain.ids import PayoutId
from domain.ledger.holds import release
from domain.payouts.errors import PayeeBlocked
from domain.payouts.payout import Payout
from domain.text import reason_line
from domain.unit_of_work import UnitOfWork


async def approve_payout(uow: UnitOfWork, *, payout_id: PayoutId) -> Payout:
    """Let a payout leave. A large one leaves when two different persons approved it.

    Raises:
        PayoutNotFound: there is none.
        OwnAccount: nobody approves a payout of their own.
        PayoutAlreadyDecided: it no longer waits.
        PayeeBlocked: its owner is shut out.
        SecondPersonNeeded: the actor approved it before.
    """
    payout = await _decidable(uow, payout_id)
    # Locked, so that a block is either seen here or comes after this.
    owner = await uow.users.get_for_update(payout.owner_id)
    if owner.is_blocked(uow.now):
        raise PayeeBlocked
    uow.emit(payout.approve(by=uow.actor.user_id, at=uow.now))
    return payout


async def reject_payout(uow: UnitOfWork, *, payout_id: PayoutId, reason: str) -> Payout:
    """Keep a payout here, for a reason that its owner reads; the money is available again. One that was approved can be
    kept as long as it was not sent.

    Raises:
        PayoutNotFound, OwnAccount, PayoutAlreadyDecided: as for `approve_payout`.
        InvalidInput: no reason.
    """
    why = reason_line(reason)
    uow.because(why)
    payout = await _decidable(uow, payout_id)
    uow.emit(payout.reject(why, by=uow.actor.user_id, at=uow.now))
    await release(uow, reference=payout.hold_reference)
    return payout


async def end_payouts_of_blocked(uow: UnitOfWork, *, limit: int) -> int:
    """End approved payouts of people who are shut out for good: nothing leaves to them, and what waits for ever says
    nothing. The money is theirs again, for the day on which they may come back. Answers how many ended.
    """
    ended = await uow.payouts.approved_of_blocked(limit=limit)
    for payout in ended:
        uow.emit(payout.shut_out(at=uow.now))
        await release(uow, reference=payout.hold_reference)
    return len(ended)


async def _decidable(uow: UnitOfWork, payout_id: PayoutId) -> Payout:
    payout = await uow.payouts.get_for_update(payout_id)
    if payout.owner_id == uow.actor.user:
        raise OwnAccount
    return payout
