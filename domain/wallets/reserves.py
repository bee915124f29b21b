"""Reserves: the USDT that stand behind the points that people own."""

from __future__ import annotations

from dataclasses import dataclass

from domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserves:
    """Both as the books have them at one instant."""

    points_outstanding: Money
    usdt_allocated: Money
