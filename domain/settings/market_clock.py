"""The market's own clock, by which its days begin."""

from __future__ import annotations

from datetime import timedelta

from domain.settings.platform_settings import definition_of
from domain.unit_of_work import UnitOfWork


async def market_offset(uow: UnitOfWork) -> timedelta:
    """How far the market's clock is before UTC."""
    return timedelta(minutes=int(await uow.settings.value(definition_of("utc_offset_minutes"))))
