"""What a rail says became of a payout."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paid:
    """It left; the rail's own number of it."""

    receipt_number: str


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not leave and will not: the rail's own word for why."""

    failure: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody said. It may have left."""


Outcome = Paid | Failed | Unknown
