"""Messages leave once, outside of any transaction, and what cannot leave does not hold up the rest."""

from __future__ import annotations

import asyncio
import dataclasses
import io
from datetime import timedelta

from sqlalchemy import select, update

from db.tables.identity import outgoing_messages
from domain.identity.actor import Actor
from domain.identity.message import Letter, MessageChannel, MessageState, MessengerUnavailable
from domain.identity.otp import send_passcode
from domain.identity.passcode import PasscodePurpose
from domain.quotas import Quotas
from integrations.sandbox.messenger import SandboxMessenger
from jobs.deliver_messages import deliver_due_messages
from jobs.parts import Parts
from tests.commands import Commands
from tests.makers.identity import EMAIL, PHONE, SEALER, code_in, make_gateways


@dataclasses.dataclass
class Vendor:
    """A vendor of the network: takes what it is given, or is away."""

    is_away: bool = False
    letters: list[Letter] = dataclasses.field(default_factory=list)

    async def send(self, letter: Letter) -> None:
        if self.is_away:
            raise MessengerUnavailable("vendor", None, "away")
        await asyncio.sleep(0)
        self.letters.append(letter)


async def write(commands: Commands, address: str = PHONE) -> None:
    async with commands.by(Actor.anonymous()) as uow:
        gateways = make_gateways(commands)
        await send_passcode(uow, address=address, purpose=PasscodePurpose.SIGN_IN, gateways=gateways)


def with_vendor(parts: Parts, vendor: Vendor) -> Parts:
    return dataclasses.replace(parts, messenger=vendor, sealer=SEALER)


async def states(commands: Commands) -> list[tuple[MessageState, int, bool]]:
    rows = select(outgoing_messages).order_by(outgoing_messages.c.id)
    async with commands.database.read() as connection:
        return [(row.state, row.attempts, row.sealed_text is not None) for row in await connection.execute(rows)]


async def test_a_message_leaves_and_its_text_is_forgotten(commands: Commands, parts: Parts) -> None:
    vendor = Vendor()
    await write(commands)
    await write(commands, EMAIL)

    await deliver_due_messages(with_vendor(parts, vendor))

    sent = sorted((letter.channel, letter.address) for letter in vendor.letters)
    assert sent == [(MessageChannel.EMAIL, EMAIL), (MessageChannel.SMS, PHONE)]
    assert all(len(code_in(letter.text)) == 6 for letter in vendor.letters)
    assert await states(commands) == [(MessageState.SENT, 1, False)] * 2


async def test_a_second_run_sends_nothing(commands: Commands, parts: Parts) -> None:
    vendor = Vendor()
    await write(commands)

    await asyncio.gather(*(deliver_due_messages(with_vendor(parts, vendor)) for _ in range(3)))
    await deliver_due_messages(with_vendor(parts, vendor))

    assert len(vendor.letters) == 1


async def test_what_a_vendor_did_not_take_is_tried_a_minute_later(commands: Commands, parts: Parts) -> None:
    vendor = Vendor(is_away=True)
    await write(commands)

    await deliver_due_messages(with_vendor(parts, vendor))
    vendor.is_away = False
    await deliver_due_messages(with_vendor(parts, vendor))
    assert await states(commands) == [(MessageState.WAITING, 1, True)]
    commands.later(timedelta(seconds=75))
    await deliver_due_messages(with_vendor(parts, vendor))

    assert len(vendor.letters) == 1
    assert await states(commands) == [(MessageState.SENT, 2, False)]


async def test_a_code_that_has_expired_is_not_sent(commands: Commands, parts: Parts) -> None:
    vendor = Vendor()
    await write(commands)
    commands.later(timedelta(minutes=5))

    await deliver_due_messages(with_vendor(parts, vendor))

    assert vendor.letters == []
    assert await states(commands) == [(MessageState.USELESS, 0, False)]


async def test_more_than_one_batch_leaves_in_one_run(commands: Commands, parts: Parts) -> None:
    vendor = Vendor()
    commands.quotas = Quotas(otp_sends_per_hour=None)
    for number in range(23):
        await write(commands, f"+2547123456{number:02}")

    await deliver_due_messages(with_vendor(parts, vendor))

    assert len({letter.id for letter in vendor.letters}) == len(vendor.letters) == 23


async def test_a_row_that_cannot_be_read_does_not_hold_up_the_rest(commands: Commands, parts: Parts) -> None:
    vendor = Vendor()
    await write(commands)
    async with commands.database.transaction() as connection:
        await connection.execute(update(outgoing_messages).values(sealed_text=b"altered"))
    await write(commands, EMAIL)

    await deliver_due_messages(with_vendor(parts, vendor))

    assert [letter.address for letter in vendor.letters] == [EMAIL]
    assert await states(commands) == [(MessageState.WAITING, 1, True), (MessageState.SENT, 1, False)]


async def test_looking_for_messages_leaves_no_trace(commands: Commands, parts: Parts) -> None:
    await deliver_due_messages(with_vendor(parts, Vendor()))

    assert (await commands.events(), await commands.trail()) == ([], [])


async def test_the_sandbox_shows_what_it_would_have_sent(commands: Commands, parts: Parts) -> None:
    screen = io.StringIO()
    messenger = SandboxMessenger(clock=commands.clock, screen=screen)
    await write(commands)

    await deliver_due_messages(dataclasses.replace(parts, messenger=messenger, sealer=SEALER))

    assert screen.getvalue().startswith(f"[SMS] to {PHONE}: ")
    assert len(code_in(screen.getvalue())) == 6
