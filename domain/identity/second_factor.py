"""A second factor, shown lately: what money needs that leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from domain.errors import AuthenticationRefused
from domain.unit_of_work import UnitOfWork

SECOND_FACTOR_GOOD_FOR: Final = timedelta(minutes=5)


class SecondFactorNeeded(AuthenticationRefused):
    """Money leaves only from a session that showed its PIN, or a code of its authenticator, lately."""

    reason = "SECOND_FACTOR_NEEDED"

    def __init__(self) -> None:
        super().__init__("Show your PIN or a code first; it is good for five minutes.")


async def require_second_factor(uow: UnitOfWork) -> None:
    """Raises SecondFactorNeeded unless the actor's session showed its PIN or a code within five minutes."""
    session = await uow.sessions.get_for_update(uow.actor.session_id)
    shown_at = session.second_factor_at
    if shown_at is None or uow.now - shown_at > SECOND_FACTOR_GOOD_FOR:
        raise SecondFactorNeeded
