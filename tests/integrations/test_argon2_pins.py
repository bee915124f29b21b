"""PINs are hashed slowly, for one person, and worth nothing without the key."""

from __future__ import annotations

import asyncio
import time

from domain.ids import UserId, new_id
from integrations.argon2.pins import Argon2Pins
from integrations.sealing.digests import KeyedDigests

PIN = "482913"


async def test_the_right_pin_of_the_right_person_matches() -> None:
    pins, amina, baraka = Argon2Pins(KeyedDigests(b"\x01" * 32)), UserId(new_id()), UserId(new_id())

    hashed = await pins.hashed(PIN, user_id=amina)

    assert await pins.is_right(PIN, user_id=amina, hashed=hashed)
    assert not await pins.is_right("750162", user_id=amina, hashed=hashed)
    assert not await pins.is_right(PIN, user_id=baraka, hashed=hashed)


async def test_without_the_key_the_table_tells_nothing() -> None:
    amina = UserId(new_id())
    hashed = await Argon2Pins(KeyedDigests(b"\x01" * 32)).hashed(PIN, user_id=amina)

    assert not await Argon2Pins(KeyedDigests(b"\x02" * 32)).is_right(PIN, user_id=amina, hashed=hashed)


async def test_the_same_pin_is_hashed_differently_each_time() -> None:
    pins, amina = Argon2Pins(KeyedDigests(b"\x01" * 32)), UserId(new_id())

    first, second = await asyncio.gather(*(pins.hashed(PIN, user_id=amina) for _ in range(2)))

    assert first != second
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_the_loop_goes_on_while_pins_are_hashed() -> None:
    pins, amina = Argon2Pins(KeyedDigests(b"\x01" * 32)), UserId(new_id())
    hashing = asyncio.gather(*(pins.hashed(PIN, user_id=amina) for _ in range(8)))
    turns = 0
    started = time.monotonic()

    while not hashing.done():
        turns += 1
        await asyncio.sleep(0.001)

    assert len(await hashing) == 8
    assert turns >= 5, f"the loop turned {turns} times in {time.monotonic() - started:.3f} s"
