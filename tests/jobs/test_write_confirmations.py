"""People are told once by e-mail of payouts that were paid and of refunds, in their language, by real SMTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from db.tables.identity import users
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.payouts.execution import record_outcome
from domain.payouts.outcome import Failed, Outcome, Paid
from domain.payouts.payout import Payout
from domain.refunds.refunding import create_refund
from integrations.sandbox.smtp import Behaviour, MailSandbox
from integrations.smtp.account import mail_account
from integrations.smtp.messenger import SmtpMessenger
from jobs.deliver_messages import deliver_due_messages
from jobs.parts import Parts
from jobs.write_confirmations import write_due_confirmations
from tests.commands import Commands
from tests.jobs.test_book_statements import RICH, WAGE, sent
from tests.makers.conversion import observe
from tests.makers.orders import buy, make_merchant, make_product
from tests.makers.payouts import make_payee
from tests.makers.people import make_person
from tests.makers.wallets import make_holder, points


class Killed(BaseException):
    """The worker dies."""


@pytest.fixture
async def clerk(commands: Commands) -> Actor:
    await observe(commands)
    return await make_person(commands, Role.FINANCE)


@pytest.fixture
async def post(commands: Commands, parts: Parts, gateways: Gateways) -> AsyncIterator[tuple[MailSandbox, Parts]]:
    """A mail server, and jobs that give to it."""
    sandbox = MailSandbox()
    server = await sandbox.start()
    async with server:
        url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        account = mail_account(url, sender="noreply@sokoni.example", needs_tls=False)
        messenger = SmtpMessenger(account, clock=commands.clock, beside=parts.messenger)
        yield sandbox, replace(parts, messenger=messenger, sealer=gateways.sealer)


async def reached_at(commands: Commands, who: Actor, email: str | None, language: str = "en") -> None:
    async with commands.database.transaction() as connection:
        changed = update(users).where(users.c.id == who.user_id).values(email=email, language=language)
        await connection.execute(changed)


async def ended(commands: Commands, payout: Payout, outcome: Outcome) -> None:
    async with commands.by_system() as uow:
        await record_outcome(uow, payout_id=payout.id, outcome=outcome)


def told(sandbox: MailSandbox) -> list[tuple[str, str]]:
    return sorted((mail["To"], mail["Subject"]) for mail in sandbox.mails)


async def test_a_payout_is_told_once_to_who_has_an_address_and_in_their_language(
    commands: Commands, gateways: Gateways, clerk: Actor, post: tuple[MailSandbox, Parts]
) -> None:
    sandbox, parts = post
    amina, brian, carol, dina = [await make_payee(commands, RICH) for _ in range(4)]
    await reached_at(commands, amina, "amina@example.com")
    await reached_at(commands, brian, "brian@example.com", "sw")
    await reached_at(commands, carol, None)
    await reached_at(commands, dina, "dina@example.com")
    some = [await sent(commands, gateways, clerk, owner) for owner in (amina, brian, carol, dina)]
    await write_due_confirmations(parts)
    for number, payout in enumerate(some[:3]):
        await ended(commands, payout, Paid(f"FT{number}"))
    await ended(commands, some[3], Failed("no such account"))

    await asyncio.gather(*(write_due_confirmations(parts) for _ in range(4)))
    for _ in range(3):
        await deliver_due_messages(parts)
        await write_due_confirmations(parts)

    assert told(sandbox) == [
        ("amina@example.com", "100.00 KES was paid out"),
        ("brian@example.com", "100.00 KES zimelipwa"),
    ]
    [english] = [mail.get_content() for mail in sandbox.mails if "amina" in mail["To"]]  # type: ignore[attr-defined]
    assert f"Payout: {some[0].label}" in english
    assert "Receipt number: FT0" in english
    assert "01007654321" not in english


async def test_a_refund_is_told_to_who_bought(
    commands: Commands, gateways: Gateways, clerk: Actor, post: tuple[MailSandbox, Parts]
) -> None:
    sandbox, parts = post
    seller, amina = await make_holder(commands), await make_holder(commands, points(300))
    merchant = await make_merchant(commands, seller)
    product = await make_product(commands, gateways, seller, merchant, points(300))
    await reached_at(commands, amina, "amina@example.com", "sw")
    order = await buy(commands, amina, product.id, points(300))

    for part in (points(100), None):
        async with commands.by(clerk) as uow:
            await create_refund(uow, order_id=order.id, amount=part, reason="Haikufanya kazi")
        await write_due_confirmations(parts)
        await deliver_due_messages(parts)

    assert told(sandbox) == [
        ("amina@example.com", "100 POINTS zimerudishwa"),
        ("amina@example.com", "200 POINTS zimerudishwa"),
    ]
    assert all("Sababu: Haikufanya kazi" in mail.get_content() for mail in sandbox.mails)  # type: ignore[attr-defined]


@pytest.mark.parametrize("behaviour", [Behaviour.BUSY, Behaviour.FULL, Behaviour.LOST])
async def test_a_mail_that_was_not_taken_is_given_again_under_its_name(
    commands: Commands, gateways: Gateways, clerk: Actor, post: tuple[MailSandbox, Parts], behaviour: Behaviour
) -> None:
    sandbox, parts = post
    amina = await make_payee(commands, RICH)
    await reached_at(commands, amina, "amina@example.com")
    await ended(commands, await sent(commands, gateways, clerk, amina), Paid("FT1"))
    sandbox.behaviours.append(behaviour)
    await write_due_confirmations(parts)

    await deliver_due_messages(parts)
    commands.later(timedelta(seconds=90))
    for _ in range(3):
        await write_due_confirmations(parts)
        await deliver_due_messages(parts)

    assert len({mail["Message-ID"] for mail in sandbox.mails}) == 1
    assert len(sandbox.mails) == (2 if behaviour is Behaviour.LOST else 1)


async def test_a_worker_that_dies_before_its_commit_writes_it_later_and_once(
    commands: Commands, gateways: Gateways, clerk: Actor, post: tuple[MailSandbox, Parts]
) -> None:
    sandbox, parts = post
    amina = await make_payee(commands, RICH)
    await reached_at(commands, amina, "amina@example.com")
    await ended(commands, await sent(commands, gateways, clerk, amina), Paid("FT1"))

    class Dying:
        def seal(self, text: str, *, about: str) -> bytes:
            raise Killed

        def unseal(self, sealed: bytes, *, about: str) -> str:
            raise Killed

    dying: Any = Dying()
    with pytest.raises(Killed):
        await write_due_confirmations(replace(parts, sealer=dying))
    await deliver_due_messages(parts)
    assert sandbox.mails == []
    for _ in range(2):
        await write_due_confirmations(parts)
        await deliver_due_messages(parts)

    assert told(sandbox) == [("amina@example.com", f"{WAGE.amount} KES was paid out")]
