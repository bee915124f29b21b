"""How connections are let in."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter

import uvloop

from app.serving import ACCEPTED_IN_A_TURN, doors_of, listen

CONNECTIONS = 200
TURNS_MAX = 2_000


def test_a_process_lets_many_in_by_each_turn_of_its_loop() -> None:
    by_turn = uvloop.run(let_in(doors_of(listen("127.0.0.1", 0))))

    assert sum(by_turn.values()) == CONNECTIONS
    assert len(by_turn) <= 2 * CONNECTIONS / ACCEPTED_IN_A_TURN


async def let_in(doors: list[socket.socket]) -> Counter[int]:
    """How many were let in by each turn, where all of them stood before the doors at the first."""
    by_turn: Counter[int] = Counter()
    turn = 0

    class Guest(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            by_turn[turn] += 1

    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(Guest, sock=door, backlog=CONNECTIONS) for door in doors]
    address = servers[0].sockets[0].getsockname()
    guests = [socket.create_connection(address) for _ in range(CONNECTIONS)]
    while sum(by_turn.values()) < CONNECTIONS and turn < TURNS_MAX:
        turn += 1
        await asyncio.sleep(0)
    for guest in guests:
        guest.close()
    for server in servers:
        server.close()
    return by_turn
