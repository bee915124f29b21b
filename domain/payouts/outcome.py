"""What a rail says became of a payout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from domain.payouts.rail_pause import Reach


@dataclass(frozen=True, slots=True)
class Accepted:
    """The rail took it, and tells later what became of it; its own name for it."""

    rail_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """The rail took nothing, for certain: it may be asked again, under the same name.

    `wait` is how long the rail is left alone; None is until people of ours have mended something.
    """

    why: str
    wait: timedelta | None
    reach: Reach = Reach.SENDING


@dataclass(frozen=True, slots=True)
class Paid:
    """It left; the rail's own number of it."""

    receipt_number: str


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not leave and will not: the rail's own word for why.

    `pauses`: the reason lies with the market, so others would fail as well until people of ours have mended it.
    """

    failure: str
    pauses: Reach | None = None


@dataclass(frozen=True, slots=True)
class NeverReceived:
    """The rail knows nothing of it. Soon after it was sent that may mean that it was not looked at yet."""

    failure: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody said. It may have left.

    `unclear`: the rail said something that people of ours have to look at; `pauses`: until they have, others are not
    tried.
    """

    unclear: str | None = None
    pauses: Reach | None = None


Outcome = Accepted | Deferred | Paid | Failed | NeverReceived | Unknown
