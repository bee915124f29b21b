"""Signing in with a device's key: from that device, with a fresh challenge, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.tables.identity import device_keys
from domain.errors import InvalidInput
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.blocking import block_user
from domain.identity.device_key import DeviceKey, signed_text
from domain.identity.device_sign_in import challenge_device_key, enroll_device_key, sign_in_with_device_key
from domain.identity.errors import DeviceSignatureInvalid, SessionIsOver, UserIsBlocked
from domain.identity.outcome import Refused
from domain.identity.session import Device
from domain.identity.signing_in import SignedIn
from domain.identity.signing_out import revoke_all_sessions, revoke_session
from domain.ids import DeviceKeyId, new_id
from tests.commands import Commands
from tests.makers.device_keys import HeldKey
from tests.makers.identity import NETWORK, actor_of, make_device, sign_in


async def enroll(commands: Commands, gateways: Gateways, person: Actor, held: HeldKey) -> DeviceKey:
    async with commands.by(person) as uow:
        return await enroll_device_key(uow, public_key=held.pem, gateways=gateways)


async def ask(commands: Commands, key_id: DeviceKeyId) -> str:
    async with commands.by(Actor.anonymous(address=NETWORK)) as uow:
        return (await challenge_device_key(uow, key_id=key_id)).challenge


async def answer(
    commands: Commands, gateways: Gateways, key_id: DeviceKeyId, signature: str, *, device: Device | None = None
) -> SignedIn | Refused:
    async with commands.by(Actor.anonymous(address=NETWORK)) as uow:
        return await sign_in_with_device_key(
            uow, key_id=key_id, signature=signature, device=device or make_device(), gateways=gateways
        )


async def keys_kept(commands: Commands) -> int:
    async with commands.database.read() as connection:
        return int(await connection.scalar(select(func.count()).select_from(device_keys)) or 0)


def is_refused(outcome: SignedIn | Refused) -> bool:
    return isinstance(outcome, Refused) and isinstance(outcome.refusal, DeviceSignatureInvalid)


async def test_a_signed_challenge_lets_in(commands: Commands, gateways: Gateways) -> None:
    first, held = await sign_in(commands, gateways), HeldKey()
    key = await enroll(commands, gateways, actor_of(first), held)

    outcome = await answer(commands, gateways, key.id, held.sign(signed_text(key.id, await ask(commands, key.id))))

    assert isinstance(outcome, SignedIn)
    assert outcome.user.id == first.user.id
    assert outcome.session.id != first.session.id


async def test_a_challenge_is_good_for_one_answer(commands: Commands, gateways: Gateways) -> None:
    held = HeldKey()
    key = await enroll(commands, gateways, actor_of(await sign_in(commands, gateways)), held)
    signature = held.sign(signed_text(key.id, await ask(commands, key.id)))

    outcomes = await asyncio.gather(*(answer(commands, gateways, key.id, signature) for _ in range(3)))

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Refused", "Refused", "SignedIn"]


async def test_a_wrong_answer_uses_the_challenge_up(commands: Commands, gateways: Gateways) -> None:
    held = HeldKey()
    key = await enroll(commands, gateways, actor_of(await sign_in(commands, gateways)), held)
    challenge = await ask(commands, key.id)

    wrong = await answer(commands, gateways, key.id, HeldKey().sign(signed_text(key.id, challenge)))
    late = await answer(commands, gateways, key.id, held.sign(signed_text(key.id, challenge)))

    assert is_refused(wrong)
    assert is_refused(late)
    assert len(await commands.events("session.started")) == 1


async def test_a_challenge_waits_two_minutes(commands: Commands, gateways: Gateways) -> None:
    held = HeldKey()
    key = await enroll(commands, gateways, actor_of(await sign_in(commands, gateways)), held)
    signature = held.sign(signed_text(key.id, await ask(commands, key.id)))
    commands.later(timedelta(minutes=2))

    assert is_refused(await answer(commands, gateways, key.id, signature))


async def test_the_key_works_on_its_device_only(commands: Commands, gateways: Gateways) -> None:
    held = HeldKey()
    key = await enroll(commands, gateways, actor_of(await sign_in(commands, gateways)), held)
    signature = held.sign(signed_text(key.id, await ask(commands, key.id)))

    assert is_refused(await answer(commands, gateways, key.id, signature, device=make_device("fingerprint-2")))


async def test_an_unknown_key_is_asked_and_refused_alike(commands: Commands, gateways: Gateways) -> None:
    unknown = DeviceKeyId(new_id())

    challenge = await ask(commands, unknown)

    assert len(challenge) == 43
    assert is_refused(await answer(commands, gateways, unknown, HeldKey().sign(signed_text(unknown, challenge))))


async def test_without_a_challenge_nothing_is_answered(commands: Commands, gateways: Gateways) -> None:
    held = HeldKey()
    key = await enroll(commands, gateways, actor_of(await sign_in(commands, gateways)), held)

    assert is_refused(await answer(commands, gateways, key.id, held.sign(signed_text(key.id, ""))))


async def test_a_blocked_person_reads_why(commands: Commands, gateways: Gateways) -> None:
    signed_in, held = await sign_in(commands, gateways), HeldKey()
    key = await enroll(commands, gateways, actor_of(signed_in), held)
    async with commands.by_system() as uow:
        await block_user(uow, user_id=signed_in.user.id, reason="Selling air.", until=None)

    outcome = await answer(commands, gateways, key.id, held.sign(signed_text(key.id, await ask(commands, key.id))))

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, UserIsBlocked)


async def test_a_device_has_one_key(commands: Commands, gateways: Gateways) -> None:
    person, old, new = actor_of(await sign_in(commands, gateways)), HeldKey(), HeldKey()
    earlier = await enroll(commands, gateways, person, old)
    later = await enroll(commands, gateways, person, new)

    refused = await answer(commands, gateways, earlier.id, old.sign(signed_text(earlier.id, "")))
    challenge = await ask(commands, later.id)
    entered = await answer(commands, gateways, later.id, new.sign(signed_text(later.id, challenge)))

    assert is_refused(refused)
    assert isinstance(entered, SignedIn)
    assert await keys_kept(commands) == 1


async def test_an_ended_session_enrolls_nothing(commands: Commands, gateways: Gateways) -> None:
    person = actor_of(await sign_in(commands, gateways))
    async with commands.by(person) as uow:
        await revoke_session(uow, session_id=person.session_id)

    with pytest.raises(SessionIsOver):
        await enroll(commands, gateways, person, HeldKey())

    assert await keys_kept(commands) == 0


async def test_what_is_no_key_is_refused(commands: Commands, gateways: Gateways) -> None:
    person = actor_of(await sign_in(commands, gateways))

    with pytest.raises(InvalidInput):
        async with commands.by(person) as uow:
            await enroll_device_key(uow, public_key="not a key", gateways=gateways)

    assert await keys_kept(commands) == 0


async def test_signing_out_keeps_the_key_of_the_device_at_hand(commands: Commands, gateways: Gateways) -> None:
    person, held = actor_of(await sign_in(commands, gateways)), HeldKey()
    key = await enroll(commands, gateways, person, held)
    async with commands.by(person) as uow:
        await revoke_session(uow, session_id=person.session_id)

    outcome = await answer(commands, gateways, key.id, held.sign(signed_text(key.id, await ask(commands, key.id))))

    assert isinstance(outcome, SignedIn)


async def test_revoking_a_lost_device_forgets_its_key(commands: Commands, gateways: Gateways) -> None:
    lost = actor_of(await sign_in(commands, gateways))
    key = await enroll(commands, gateways, lost, held := HeldKey())
    here = actor_of(await sign_in(commands, gateways, device=make_device("fingerprint-2")))
    await enroll(commands, gateways, here, HeldKey())

    async with commands.by(here) as uow:
        await revoke_session(uow, session_id=lost.session_id)

    assert await keys_kept(commands) == 1
    assert is_refused(
        await answer(commands, gateways, key.id, held.sign(signed_text(key.id, await ask(commands, key.id))))
    )


async def test_revoking_all_sessions_forgets_all_keys(commands: Commands, gateways: Gateways) -> None:
    one = actor_of(await sign_in(commands, gateways))
    await enroll(commands, gateways, one, HeldKey())
    other = actor_of(await sign_in(commands, gateways, device=make_device("fingerprint-2")))
    await enroll(commands, gateways, other, HeldKey())

    async with commands.by(one) as uow:
        await revoke_all_sessions(uow)

    assert await keys_kept(commands) == 0
