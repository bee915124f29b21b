"""From `userBlock`'s answer at one API process to the blocked person's socket closed at another."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from typing import Final

import aiohttp

from app.wiring import Wiring, wired
from bench.client import Client, Ear
from bench.figures import Figure, below, percentile
from bench.house import House
from domain.identity.actor import Actor
from domain.identity.address import parse_address
from domain.identity.session import Device, DevicePlatform
from domain.identity.signing_in import start_session
from domain.ids import IdKind, encode_id
from domain.registration import register

PEOPLE: Final = 20
PATIENCE_SECONDS: Final = 10.0
P95_SECONDS: Final = 1

BLOCK: Final = (
    "mutation($input: UserBlockInput!) { userBlock(input: $input) { user { id status } errors { message } } }"
)
LISTEN: Final = "subscription { userEvents { __typename ... on UserBlocked { reason } } }"


def measure(house: House, commands: str, sockets: str) -> list[Figure]:
    """Block everybody, one after the other."""
    admin = json.loads(house.command("demo", "tokens"))["admin"]["accessToken"]
    closed, told = asyncio.run(_measure(house, admin, commands, sockets))
    return [
        below("userBlock's answer → socket closed, p95", percentile(closed, 0.95), P95_SECONDS, "s", digits=3),
        Figure("  p50, slowest", f"{percentile(closed, 0.5):.3f}, {max(closed):.3f}"),
        Figure(f"  told why before the close, of {PEOPLE}", str(told), str(PEOPLE), told == PEOPLE),
    ]


async def _measure(house: House, admin_token: str, commands: str, sockets: str) -> tuple[list[float], int]:
    """The seconds of each block, negative where the socket was closed first, and how many heard the reason."""
    async with wired(house.settings, application_name="sokoni bench") as wiring:
        people = [await _newcomer(wiring, number) for number in range(PEOPLE)]
    told: list[str] = []
    closed: list[float] = []
    async with aiohttp.ClientSession() as http:
        admin = Client(http, commands, admin_token)
        for user_id, token in people:
            ear = Ear(Client(http, sockets, token), LISTEN, lambda item, _: told.append(item["__typename"]))
            async with ear:
                await admin.ask(BLOCK, input={"userId": user_id, "reason": "Measured."})
                answered_at = time.time()
                closed.append(await asyncio.wait_for(ear.closed_at, PATIENCE_SECONDS) - answered_at)
    return closed, told.count("UserBlocked")


async def _newcomer(wiring: Wiring, number: int) -> tuple[str, str]:
    """Somebody with a session: id and token."""
    address = parse_address(f"bench{number}@demo.sokoni.example", phone_numbers=wiring.gateways.phone_numbers)
    device = Device.checked(fingerprint=secrets.token_hex(16), name="bench", platform=DevicePlatform.OTHER)
    async with wiring.unit_of_work(Actor.system(), operation="bench", request_id="bench") as uow:
        user = await register(uow, address=address)
        signed_in = await start_session(uow, user=user, device=device, gateways=wiring.gateways)
    return encode_id(IdKind.USER, user.id), await wiring.gateways.tokens.issue(signed_in.claims)
