"""Signatures are forgotten when nobody could use them any more, and not before."""

from __future__ import annotations

from datetime import timedelta

from db.signatures import use_signature
from jobs.forget_signatures import KEPT, forget_old_signatures
from jobs.parts import Parts
from tests.commands import Commands


async def test_what_could_still_be_timely_stays(parts: Parts, commands: Commands) -> None:
    old, young = bytes(32), bytes([1] * 32)
    await use_signature(commands.database, old, at=commands.now - KEPT - timedelta(seconds=1))
    await use_signature(commands.database, young, at=commands.now - KEPT + timedelta(seconds=1))

    await forget_old_signatures(parts)

    assert await use_signature(commands.database, old, at=commands.now)
    assert not await use_signature(commands.database, young, at=commands.now)
