"""One minute of counting in one process."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

WINDOW_SECONDS: Final = 60
CALLERS_MAX: Final = 50_000


@dataclass(slots=True)
class Tally:
    """What one caller did in a window: here, of that what the other processes were told, and elsewhere."""

    here: int = 0
    told: int = 0
    elsewhere: int = 0


@dataclass(slots=True)
class RateWindow:
    """The callers of one minute by the clock, the same minute in every process.

    At most `callers_max` of them: whoever comes when it is full is not counted, because refusing strangers would let
    one sender with many addresses shut the door for everybody.
    """

    number: int
    callers_max: int = CALLERS_MAX
    ends_at: datetime = field(init=False)
    tallies: dict[str, Tally] = field(default_factory=dict)
    untold: set[str] = field(default_factory=set)
    is_full: bool = False

    def __post_init__(self) -> None:
        self.ends_at = datetime.fromtimestamp((self.number + 1) * WINDOW_SECONDS, UTC)

    @classmethod
    def at(cls, now: datetime, *, callers_max: int = CALLERS_MAX) -> RateWindow:
        """The window of this instant, with nothing counted yet."""
        return cls(int(now.timestamp()) // WINDOW_SECONDS, callers_max)

    def tally_of(self, caller: str) -> Tally | None:
        """The caller's count; None when there is no room for another caller."""
        tally = self.tallies.get(caller)
        if tally is None:
            if len(self.tallies) >= self.callers_max:
                self.is_full = True
                return None
            tally = self.tallies[caller] = Tally()
        return tally

    def take_untold(self) -> list[tuple[str, int]]:
        """What the other processes do not know yet. It counts as told: what may have arrived is never told twice."""
        news = []
        for caller in self.untold:
            tally = self.tallies[caller]
            news.append((caller, tally.here - tally.told))
            tally.told = tally.here
        self.untold.clear()
        return news

    def learn(self, caller: str, *, total: int) -> None:
        """What all processes together counted of the caller, this one's told part included."""
        tally = self.tallies[caller]
        tally.elsewhere = max(0, total - tally.told)
