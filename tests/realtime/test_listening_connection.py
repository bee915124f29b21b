"""A connection to a server that is there and says nothing."""

from __future__ import annotations

import asyncio
import os
import signal

from redis.asyncio import Redis

from app.embedded.valkey import ValkeyServer
from realtime.arrivals import Arrivals
from realtime.envelope import GAP
from realtime.listening_connection import ListeningConnection
from realtime.redis_backend import client_of


async def test_a_server_that_hangs_is_left_and_its_channels_hear_of_a_gap(mortal_valkey: ValkeyServer) -> None:
    assert mortal_valkey.process is not None
    arrivals = Arrivals(10)
    client = client_of(mortal_valkey.url)
    troubles = asyncio.Event()
    listening = ListeningConnection(client.connection_pool, arrivals, on_trouble=troubles.set, ping_seconds=0.2)
    listening.start()
    await listening.tried()
    listening.want("x")
    await listening.confirmed("x")
    await client.publish("x", b"before")
    async with asyncio.timeout(20):
        first: object = (await arrivals.get()).message
    assert first == b"before"

    os.kill(mortal_valkey.process.pid, signal.SIGSTOP)
    async with asyncio.timeout(20):
        await troubles.wait()
    os.kill(mortal_valkey.process.pid, signal.SIGCONT)

    async with asyncio.timeout(20):
        heard: object = (await arrivals.get()).message
    assert heard == GAP
    await listening.stop()
    await client.aclose()


async def test_a_server_that_refuses_a_channel_is_asked_again_until_it_allows_it(mortal_valkey: ValkeyServer) -> None:
    owner = client_of(mortal_valkey.url)
    await owner.acl_setuser("guest", enabled=True, nopass=True, categories=["+@all"], reset_channels=True)
    guest = Redis.from_url(mortal_valkey.url, protocol=2, username="guest", password="any", socket_timeout=None)
    arrivals, troubles = Arrivals(10), asyncio.Event()
    listening = ListeningConnection(guest.connection_pool, arrivals, on_trouble=troubles.set)
    listening.start()
    await listening.tried()
    listening.want("x")
    async with asyncio.timeout(20):
        await troubles.wait()

    await owner.acl_setuser("guest", enabled=True, nopass=True, categories=["+@all"], channels=["*"])

    async with asyncio.timeout(20):
        heard: object = (await arrivals.get()).message
    assert heard == GAP
    await listening.stop()
    await guest.aclose()
    await owner.aclose()
