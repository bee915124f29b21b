"""Resolving: finance acts on a difference between a rail's word and our record."""

from __future__ import annotations

from typing import Final, assert_never

from domain.identity.errors import OwnAccount
from domain.ids import DiscrepancyId
from domain.ledger.posting import post
from domain.ledger.transfer import reverse
from domain.payouts.errors import PayoutConfirmed, StatementTooShort
from domain.payouts.execution import record_outcome
from domain.payouts.giving_back import require_uninvolved
from domain.payouts.outcome import Failed, Paid
from domain.payouts.payout import Payout
from domain.payouts.postings import paid_out
from domain.payouts.reconciliation import Discrepancy, DiscrepancyKind, ReconciliationAction
from domain.text import reason_line
from domain.unit_of_work import UnitOfWork

_GIVES_BACK: Final = (ReconciliationAction.FAIL, ReconciliationAction.RETURN)


async def resolve_discrepancy(
    uow: UnitOfWork, *, discrepancy_id: DiscrepancyId, action: ReconciliationAction, reason: str
) -> Discrepancy:
    """Act on a difference, once, for a reason that is audited.

    Raises:
        DiscrepancyNotFound: there is none.
        DiscrepancyAlreadyClosed: somebody acted, or both sides agree by now.
        ActionNotOpen: this cannot be done about it.
        OwnAccount: the payout is the actor's own.
        UninvolvedPersonNeeded: the actor let a large one leave, and would bring its money back.
        PayoutNotUnderWay, PayoutNotPaid: the payout has ended otherwise meanwhile.
        PayoutReceiptUsed: the rail's number has settled another payout.
        PayoutConfirmed: a statement says by now that it left.
        StatementTooShort: no statement would tell of it if it had left.
        InvalidInput: no reason.
    """
    why = reason_line(reason)
    uow.because(why)
    discrepancy = await uow.reconciliations.discrepancy_for_update(discrepancy_id)
    discrepancy.resolve(action, why, by=uow.actor.user_id, at=uow.now)
    if discrepancy.payout_id is not None:
        payout = await uow.payouts.get_for_update(discrepancy.payout_id)
        if payout.owner_id == uow.actor.user:
            raise OwnAccount
        if action in _GIVES_BACK:
            await require_uninvolved(uow, payout)
        await _carry_out(uow, discrepancy, payout, action)
    return discrepancy


async def _carry_out(uow: UnitOfWork, discrepancy: Discrepancy, payout: Payout, action: ReconciliationAction) -> None:
    assert discrepancy.reason is not None, "it was resolved for a reason"
    match action:
        case ReconciliationAction.NOTE:
            return
        case ReconciliationAction.SETTLE:
            payout.require_under_way()
            assert discrepancy.number is not None, "what the rail did has a number"
            await record_outcome(uow, payout_id=payout.id, outcome=Paid(discrepancy.number))
        case ReconciliationAction.FAIL:
            payout.require_under_way()
            await record_outcome(uow, payout_id=payout.id, outcome=Failed(discrepancy.reason))
        case ReconciliationAction.RETURN:
            payout.require_paid()
            if discrepancy.kind is DiscrepancyKind.MISSING_THERE:
                await _require_untold(uow, payout)
            uow.emit(payout.bring_back(discrepancy.reason, at=uow.now))
            await post(uow, reverse(paid_out(payout), note=discrepancy.reason))
        case _:
            assert_never(action)


async def _require_untold(uow: UnitOfWork, payout: Payout) -> None:
    """No statement says that it left, and one would."""
    if await uow.reconciliations.is_confirmed(payout.id):
        raise PayoutConfirmed
    if not payout.rail.tells_instants:
        return
    # Two processes, whose clocks may differ, wrote these.
    sent_at = min(payout.sent_at or payout.requested_at, payout.updated_at)
    if not await uow.reconciliations.is_told_over(payout.rail, since=sent_at, until=payout.updated_at):
        raise StatementTooShort
