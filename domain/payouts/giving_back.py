"""Giving back: a payout that two persons let leave is not brought back by one of them alone."""

from __future__ import annotations

from domain.ids import UserId
from domain.payouts.errors import UninvolvedPersonNeeded
from domain.payouts.payout import Payout
from domain.unit_of_work import UnitOfWork


async def require_uninvolved(uow: UnitOfWork, payout: Payout) -> None:
    """Refuse whoever asked for a large payout, approved it or put it into its bank file: who let money leave does not
    also say that it did not.

    Raises:
        UninvolvedPersonNeeded: the actor is one of them.
    """
    if await is_involved(uow, payout, uow.actor.user):
        raise UninvolvedPersonNeeded


async def is_involved(uow: UnitOfWork, payout: Payout, person: UserId | None) -> bool:
    """Whether the person had a part in letting a payout leave that one alone may not let leave."""
    if person is None or not payout.needs_two_persons:
        return False
    deciders = (payout.owner_id, payout.first_approved_by, payout.decided_by)
    return person in deciders or person == await uow.bank_files.maker_of(payout.id)
