"""Of two pauses of a rail the longer and wider one stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.payouts.rail_pause import RailPause, Reach
from domain.payouts.state import PayoutRail

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def pause(reach: Reach, seconds: int | None) -> RailPause:
    ends_at = None if seconds is None else NOON + timedelta(seconds=seconds)
    return RailPause(rail=PayoutRail.MPESA, reach=reach, why="BUSY", paused_at=NOON, ends_at=ends_at)


@pytest.mark.parametrize(
    ("stays", "gives_way"),
    [
        (pause(Reach.SENDING, None), pause(Reach.SENDING, 10)),
        (pause(Reach.EVERYTHING, None), pause(Reach.SENDING, None)),
        (pause(Reach.SENDING, None), pause(Reach.EVERYTHING, 10)),
        (pause(Reach.SENDING, 60), pause(Reach.SENDING, 10)),
    ],
)
def test_the_longer_and_wider_one_stays(stays: RailPause, gives_way: RailPause) -> None:
    assert (stays.outlasts(gives_way), gives_way.outlasts(stays)) == (True, False)
