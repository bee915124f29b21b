"""Where much happens, a relay rests, and carries together what comes meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import pytest

from db.engine import Connection
from db.outbox import StoredEvent
from realtime.relay_rest import REST_SECONDS_MAX, RelayRest
from tests.realtime.notes import Process, following, pin, running


class Batches:
    """A durable reader that keeps which events came together."""

    name = "batches"

    def __init__(self) -> None:
        self.texts: list[list[object]] = []

    async def read(self, connection: Connection, events: Sequence[StoredEvent]) -> None:
        self.texts.append([event.body["text"] for event in events])


async def pin_one_after_the_other(one: Process, *texts: str) -> None:
    """Commands far enough apart that a relay which does not rest carries each by itself."""
    for text in texts:
        await pin(one.database, text)
        one.doorbell.ring()
        await asyncio.sleep(0.05)


async def test_what_comes_while_a_relay_rests_is_carried_together(
    one: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long enough for commits on a busy machine.
    monkeypatch.setattr("realtime.relay_rest.REST_SECONDS_MAX", 2.0)
    monkeypatch.setattr("realtime.relay_rest.EASY_PER_SECOND", 0.0)
    monkeypatch.setattr("realtime.relay_rest.BUSY_PER_SECOND", 0.1)
    batches = Batches()
    await pin(one.database, "first", "second", "third")

    async with following(one.from_the_beginning("board:a")) as follower, running(one.relay(batches)):
        await follower.until_heard(3)
        await pin_one_after_the_other(one, "fourth", "fifth", "sixth")
        await follower.until_heard(6)

    assert batches.texts == [["first", "second", "third"], ["fourth", "fifth", "sixth"]]
    assert follower.offsets == [1, 2, 3, 4, 5, 6]


async def test_a_relay_does_not_rest_after_the_events_of_one_command(
    one: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever rested would be heard of by nobody.
    monkeypatch.setattr("realtime.relay_rest.REST_SECONDS_MAX", 3_600.0)
    batches = Batches()
    await pin(one.database, "first", "second")

    async with following(one.from_the_beginning("board:a")) as follower, running(one.relay(batches)):
        await follower.until_heard(2)
        await pin(one.database, "third")
        await follower.until_heard(3)

    assert batches.texts == [["first", "second"], ["third"]]


def rests(steps: Iterable[tuple[float, int]]) -> list[float]:
    """What a relay rests after each of these batches, given by the seconds since the last one and their events."""
    now, rest, seconds = 100.0, RelayRest(100.0), []
    for passed, carried in steps:
        now += passed
        seconds.append(rest.after(carried, now))
    return seconds


def test_where_little_happens_nobody_waits_not_even_after_a_pause_of_the_machine() -> None:
    calm = [(0.01, 1)] * 500

    assert set(rests([*calm, (0.3, 30), (0.01, 5), *calm])) == {0.0}
    assert rests([(60.0, 1), (0.01, 150)]) == [0.0, 0.0]


def test_a_backlog_is_soon_forgotten() -> None:
    seconds = rests([(0.02, 200)] * 50 + [(0.1, 1)] * 10)

    assert seconds[49] == pytest.approx(REST_SECONDS_MAX)
    assert seconds[-1] == 0.0


def test_where_much_happens_a_relay_rests_and_stops_when_it_is_over() -> None:
    seconds = rests([(0.02, 10)] * 250 + [(0.02, 1)] * 100)

    assert seconds[0] == 0.0
    assert seconds[249] == pytest.approx(REST_SECONDS_MAX)
    assert seconds[:250] == sorted(seconds[:250])
    assert seconds[-1] == 0.0
