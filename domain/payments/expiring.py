"""Payments end when nobody paid in time."""

from __future__ import annotations

from domain.unit_of_work import UnitOfWork


async def expire_payments(uow: UnitOfWork, *, limit: int) -> int:
    """End at most `limit` overdue payments; answers how many. What arrives for one afterwards is the payer's."""
    overdue = await uow.payments.overdue(limit=limit)
    for intent in overdue:
        uow.emit(intent.expire(at=uow.now))
    return len(overdue)
