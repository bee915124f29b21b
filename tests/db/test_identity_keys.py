"""Which key signs: one at any time, agreed on by all processes, and a rotation signs nobody out."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, text

from db.tables.identity import signing_keys
from domain.errors import ConcurrentChange
from domain.gateways import Gateways
from domain.identity.errors import AccessTokenInvalid
from domain.identity.key_rotation import rotate_signing_key
from domain.identity.signing_key import RETIREMENT, SigningKey
from integrations.jwt.key_pair import new_signing_key
from integrations.jwt.token_issuer import JwtIssuer
from integrations.jwt.token_verifier import JwtVerifier
from tests.commands import Commands
from tests.makers.identity import SEALER, found_key, make_ring, sign_in


async def rotate(commands: Commands) -> SigningKey:
    async with commands.by_system(operation="keys.rotate") as uow:
        return await rotate_signing_key(uow, successor=new_signing_key(SEALER, at=commands.now))


async def signing(commands: Commands) -> list[str]:
    async with commands.database.read() as connection:
        current = select(signing_keys.c.kid).where(signing_keys.c.retired_at.is_(None))
        return list(await connection.scalars(current))


async def count(commands: Commands) -> int:
    async with commands.database.read() as connection:
        return int(await connection.scalar(select(func.count()).select_from(signing_keys)) or 0)


async def test_processes_that_start_together_agree_on_one_key(commands: Commands) -> None:
    founded = await asyncio.gather(*(found_key(commands) for _ in range(4)))

    assert len({key.kid for key in founded}) == 1
    assert await count(commands) == 1


async def test_a_rotation_retires_the_key_before(commands: Commands) -> None:
    first = await found_key(commands)
    commands.later(timedelta(days=30))

    second = await rotate(commands)

    assert await signing(commands) == [second.kid]
    async with commands.database.read() as connection:
        old = (await connection.execute(select(signing_keys).where(signing_keys.c.kid == first.kid))).one()
    assert (old.retired_at, old.verifies_until) == (commands.now, commands.now + RETIREMENT)


async def test_rotations_at_once_follow_one_another(commands: Commands) -> None:
    await found_key(commands)

    await asyncio.gather(*(rotate(commands) for _ in range(3)))

    assert len(await signing(commands)) == 1
    assert await count(commands) == 4


async def test_a_rotation_is_audited_without_the_keys(commands: Commands) -> None:
    await found_key(commands)
    await rotate(commands)

    audited = (await commands.trail())[-1]
    assert audited.operation == "keys.rotate"
    assert [change["after"].get("sealed_private_key") for change in audited.changes] == [None, None]


async def test_the_table_takes_no_second_signing_key(commands: Commands) -> None:
    await found_key(commands)
    second = new_signing_key(SEALER, at=commands.now)
    row = {
        "kid": second.kid,
        "public_key": second.public_key,
        "sealed_private_key": second.sealed_private_key,
        "created_at": second.created_at,
    }

    with pytest.raises(ConcurrentChange):
        async with commands.by_system() as uow:
            await uow.session.execute(insert(signing_keys), [row])

    assert await count(commands) == 1


async def test_another_process_accepts_what_a_rotated_key_signed(commands: Commands, gateways: Gateways) -> None:
    await found_key(commands)
    signed_in = await sign_in(commands, gateways)
    elsewhere = make_ring(commands)
    verifier = JwtVerifier(elsewhere, clock=commands.clock)
    old_token = await JwtIssuer(elsewhere).issue(signed_in.claims)
    commands.later(timedelta(seconds=2))

    await rotate(commands)
    new_token = await JwtIssuer(make_ring(commands)).issue(signed_in.claims)

    assert await verifier.verify(new_token) == signed_in.claims
    assert await verifier.verify(old_token) == signed_in.claims
    assert len(await elsewhere.public_jwks()) == 2


async def test_a_key_that_left_the_table_verifies_nothing(commands: Commands, gateways: Gateways) -> None:
    await found_key(commands)
    signed_in = await sign_in(commands, gateways)
    token = await JwtIssuer(make_ring(commands)).issue(signed_in.claims)
    async with commands.database.transaction() as connection:
        await connection.execute(text("delete from signing_keys"))

    with pytest.raises(AccessTokenInvalid):
        await JwtVerifier(make_ring(commands), clock=commands.clock).verify(token)
