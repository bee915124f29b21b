"""Passcodes: how many leave, how often they may be tried, and what is kept of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, func, select, text

from db.tables.identity import outgoing_messages, passcodes, users
from domain.errors import AuthenticationRefused, InvalidInput, QuotaExceeded
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.address import parse_address
from domain.identity.errors import PasscodeExhausted, PasscodeExpired, PasscodeWrong
from domain.identity.message import MessageChannel, MessageState
from domain.identity.otp import send_passcode, try_passcode
from domain.identity.passcode import PasscodePurpose
from domain.quotas import Quotas
from tests.commands import Commands
from tests.makers.identity import EMAIL, NETWORK, PHONE, ask_code, sign_in, wrong


async def send(commands: Commands, gateways: Gateways, address: str = PHONE, *, network: str = NETWORK) -> None:
    async with commands.by(Actor.anonymous(address=network)) as uow:
        await send_passcode(uow, address=address, purpose=PasscodePurpose.SIGN_IN, gateways=gateways)


async def try_code(
    commands: Commands,
    gateways: Gateways,
    code: str,
    *,
    address: str = PHONE,
    purpose: PasscodePurpose = PasscodePurpose.SIGN_IN,
) -> AuthenticationRefused | None:
    known = parse_address(address, phone_numbers=gateways.phone_numbers)
    async with commands.by(Actor.anonymous(address=NETWORK)) as uow:
        return await try_passcode(uow, address=known, code=code, purpose=purpose, gateways=gateways)


async def rows(commands: Commands, table: Any) -> list[Row[Any]]:
    async with commands.database.read() as connection:
        return list(await connection.execute(select(table)))


async def count(commands: Commands, table: Any) -> int:
    async with commands.database.read() as connection:
        return int(await connection.scalar(select(func.count()).select_from(table)) or 0)


async def test_a_code_leaves_as_a_waiting_message(commands: Commands, gateways: Gateways) -> None:
    await send(commands, gateways)

    [message] = await rows(commands, outgoing_messages)
    assert (message.channel, message.state, message.attempts) == (MessageChannel.SMS, MessageState.WAITING, 0)
    assert message.useless_at == commands.now + timedelta(minutes=5)


async def test_an_email_address_gets_an_email(commands: Commands, gateways: Gateways) -> None:
    await send(commands, gateways, "AMINA@example.com")

    [message] = await rows(commands, outgoing_messages)
    assert message.channel is MessageChannel.EMAIL


async def test_neither_address_nor_code_is_kept_in_the_clear(commands: Commands, gateways: Gateways) -> None:
    code = await ask_code(commands, gateways)

    async with commands.database.read() as connection:
        for table in ("passcodes", "outgoing_messages", "audit_entries", "outbox"):
            kept = str((await connection.execute(text(f"select {table}::text from {table}"))).all())
            assert "712345678" not in kept, table
            assert b"712345678".hex() not in kept, table
        messages = str((await connection.execute(text("select sealed_text::text from outgoing_messages"))).all())
        assert code.encode().hex() not in messages


async def test_the_sixth_code_within_an_hour_is_refused(commands: Commands, gateways: Gateways) -> None:
    for minute in range(5):
        await send(commands, gateways, network=f"203.0.113.{minute}")
        commands.later(timedelta(minutes=1))

    with pytest.raises(QuotaExceeded) as refused:
        await send(commands, gateways, network="198.51.100.1")

    assert refused.value.retry_after_seconds == 55 * 60
    assert (await count(commands, passcodes), await count(commands, outgoing_messages)) == (5, 5)


async def test_an_hour_after_the_first_another_one_leaves(commands: Commands, gateways: Gateways) -> None:
    for _ in range(5):
        await send(commands, gateways)
    commands.later(timedelta(hours=1))

    await send(commands, gateways)

    assert await count(commands, passcodes) == 6


async def test_one_network_does_not_ask_for_many_addresses(commands: Commands, gateways: Gateways) -> None:
    for number in range(5):
        await send(commands, gateways, f"+25471234567{number}")

    with pytest.raises(QuotaExceeded):
        await send(commands, gateways, "+254712345679")

    await send(commands, gateways, "+254712345679", network="198.51.100.1")
    assert await count(commands, passcodes) == 6


async def test_another_spelling_is_the_same_address(commands: Commands, gateways: Gateways) -> None:
    for number, spelling in enumerate((EMAIL, "AMINA@example.com", " amina@EXAMPLE.com ", EMAIL, EMAIL)):
        await send(commands, gateways, spelling, network=f"203.0.113.{number}")

    with pytest.raises(QuotaExceeded):
        await send(commands, gateways, "Amina@Example.Com", network="198.51.100.1")


async def test_of_six_at_once_five_leave(commands: Commands, gateways: Gateways) -> None:
    sends = [send(commands, gateways, network=f"203.0.113.{number}") for number in range(6)]

    outcomes = await asyncio.gather(*sends, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes if outcome is not None] == [QuotaExceeded]
    assert await count(commands, passcodes) == 5


async def test_of_six_at_once_from_one_network_five_leave(commands: Commands, gateways: Gateways) -> None:
    sends = [send(commands, gateways, f"+25471234567{number}") for number in range(6)]

    outcomes = await asyncio.gather(*sends, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes if outcome is not None] == [QuotaExceeded]
    assert await count(commands, outgoing_messages) == 5


async def test_a_quota_can_be_lifted(commands: Commands, gateways: Gateways) -> None:
    commands.quotas = Quotas(otp_sends_per_hour=None)

    for _ in range(7):
        await send(commands, gateways)

    assert await count(commands, passcodes) == 7


async def test_known_and_unknown_addresses_are_answered_alike(commands: Commands, gateways: Gateways) -> None:
    await sign_in(commands, gateways)
    before = len(await commands.trail())

    await send(commands, gateways)
    await send(commands, gateways, "+254712345670")

    known, unknown = (await commands.trail())[before:]
    assert len(known.changes) - 1 == len(unknown.changes)  # the earlier code of the known address gave way
    assert await count(commands, users) == 1


async def test_what_is_no_address_sends_nothing(commands: Commands, gateways: Gateways) -> None:
    with pytest.raises(InvalidInput):
        await send(commands, gateways, "+25400000")

    assert (await count(commands, passcodes), await count(commands, outgoing_messages)) == (0, 0)


async def test_the_right_code_is_used_up(commands: Commands, gateways: Gateways) -> None:
    code = await ask_code(commands, gateways)

    assert await try_code(commands, gateways, code) is None
    assert isinstance(await try_code(commands, gateways, code), PasscodeExpired)


async def test_only_the_newest_code_opens(commands: Commands, gateways: Gateways) -> None:
    earlier = await ask_code(commands, gateways)
    newer = await ask_code(commands, gateways)

    if earlier != newer:
        assert isinstance(await try_code(commands, gateways, earlier), PasscodeWrong)
    assert await try_code(commands, gateways, newer) is None


async def test_a_code_for_one_thing_does_not_open_another(commands: Commands, gateways: Gateways) -> None:
    code = await ask_code(commands, gateways, purpose=PasscodePurpose.PIN_RESET)

    assert isinstance(await try_code(commands, gateways, code), PasscodeExpired)
    assert await try_code(commands, gateways, code, purpose=PasscodePurpose.PIN_RESET) is None


async def test_a_code_of_another_address_does_not_open(commands: Commands, gateways: Gateways) -> None:
    code = await ask_code(commands, gateways, EMAIL)

    assert isinstance(await try_code(commands, gateways, code), PasscodeExpired)


async def test_a_code_is_over_after_five_minutes(commands: Commands, gateways: Gateways) -> None:
    code = await ask_code(commands, gateways)
    commands.later(timedelta(minutes=5))

    assert isinstance(await try_code(commands, gateways, code), PasscodeExpired)


async def test_of_ten_wrong_tries_at_once_five_are_chances(commands: Commands, gateways: Gateways) -> None:
    code = await ask_code(commands, gateways)

    refusals = await asyncio.gather(*(try_code(commands, gateways, wrong(code)) for _ in range(10)))

    left = sorted(refusal.attempts_left for refusal in refusals if isinstance(refusal, PasscodeWrong))
    assert left == [0, 1, 2, 3, 4]
    assert [type(refusal) for refusal in refusals].count(PasscodeExhausted) == 5
    assert isinstance(await try_code(commands, gateways, code), PasscodeExhausted)
    [kept] = await rows(commands, passcodes)
    assert (kept.tries, kept.used_at) == (5, None)


async def test_of_two_right_tries_at_once_one_opens(commands: Commands, gateways: Gateways) -> None:
    code = await ask_code(commands, gateways)

    outcomes = await asyncio.gather(*(try_code(commands, gateways, code) for _ in range(2)))

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "PasscodeExpired"]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345x", "１２３４５６"])
async def test_what_is_no_code_is_no_try(commands: Commands, gateways: Gateways, code: str) -> None:
    await ask_code(commands, gateways)

    with pytest.raises(InvalidInput):
        await try_code(commands, gateways, code)

    [kept] = await rows(commands, passcodes)
    assert kept.tries == 0
