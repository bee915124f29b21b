"""Pausing: a rail is left alone, and taken up again."""

from __future__ import annotations

from domain.payouts.errors import PayoutRailNotPaused
from domain.payouts.rail_pause import RailPause
from domain.payouts.state import PayoutRail
from domain.text import reason_line
from domain.unit_of_work import UnitOfWork


async def pause_rail(uow: UnitOfWork, pause: RailPause) -> None:
    """Leave a rail alone from now on; of two pauses the longer and wider one stays."""
    standing = await uow.rail_pauses.standing_for_update(pause.rail)
    if standing is None or not standing.outlasts(pause):
        await uow.rail_pauses.put(pause)


async def resume_rail(uow: UnitOfWork, *, rail: PayoutRail, reason: str) -> None:
    """A person says that what kept the rail from paying is mended.

    Raises:
        PayoutRailNotPaused: it is not.
        InvalidInput: no reason.
    """
    uow.because(reason_line(reason))
    if await uow.rail_pauses.standing_for_update(rail) is None:
        raise PayoutRailNotPaused
    await uow.rail_pauses.lift(rail)
