"""Many peers are looked after at the same instants."""

from __future__ import annotations

import asyncio

from tests.realtime.notes import until
from transport.liveness import ROUND_SECONDS, Liveness, Patience


class SilentPeer:
    """Somebody who says nothing and notes in which turn of the loop it was asked to."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.pinged_in: list[int] = []
        self.is_let_go = False

    def ping(self) -> None:
        """Asked."""
        self.pinged_in.append(self._turns.count)

    def abort(self) -> None:
        """Let go of."""
        self.is_let_go = True


class Turns:
    """Counts the turns of the event loop until it is cancelled."""

    def __init__(self) -> None:
        self.count = 0

    async def run(self) -> None:
        """Never ends."""
        while True:
            self.count += 1
            await asyncio.sleep(0)


async def test_peers_who_came_one_after_the_other_are_pinged_in_one_turn() -> None:
    loop, turns = asyncio.get_running_loop(), Turns()
    peers = [SilentPeer(turns), SilentPeer(turns)]
    counting = asyncio.create_task(turns.run())
    await asyncio.sleep(ROUND_SECONDS - loop.time() % ROUND_SECONDS)

    watched = []
    for peer in peers:
        watched.append(Liveness(peer, Patience(silent_seconds=0.1), loop))
        watched[-1].watch()
        await asyncio.sleep(0.02)
    await until(lambda: all(peer.pinged_in for peer in peers))

    assert peers[0].pinged_in == peers[1].pinged_in
    counting.cancel()
    for each in watched:
        each.end()


async def test_who_stops_reading_is_let_go_however_long_silence_is_allowed() -> None:
    peer = SilentPeer(Turns())
    liveness = Liveness(peer, Patience(silent_seconds=1_000, stalled_seconds=0.1), asyncio.get_running_loop())
    liveness.watch()

    liveness.stalled()

    await until(lambda: peer.is_let_go)
    assert peer.pinged_in == []
    liveness.end()


async def test_who_was_said_goodbye_to_is_let_go_even_if_it_stops_reading_then() -> None:
    peer = SilentPeer(Turns())
    liveness = Liveness(peer, Patience(stalled_seconds=1_000), asyncio.get_running_loop())
    liveness.watch()

    liveness.close_within(0.1)
    liveness.stalled()

    await until(lambda: peer.is_let_go)
    liveness.end()


async def test_who_stalled_once_and_caught_up_is_pinged_as_if_it_never_had() -> None:
    peer = SilentPeer(Turns())
    liveness = Liveness(peer, Patience(silent_seconds=0.1, stalled_seconds=1_000), asyncio.get_running_loop())
    liveness.watch()

    liveness.stalled()
    liveness.drained()

    await until(lambda: len(peer.pinged_in) == 1)
    liveness.end()
