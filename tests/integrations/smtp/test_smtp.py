"""E-mails by real SMTP: taken once, given again under the same name when nobody knows, and refused with a code."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from domain.clock import SystemClock
from domain.identity.message import Letter, MessageChannel, MessengerUnavailable
from domain.ids import MessageId, new_id
from integrations.sandbox.smtp import Behaviour, MailSandbox
from integrations.smtp.account import MailAccount, mail_account
from integrations.smtp.messenger import SmtpMessenger

ADDRESS = "amina@example.com"
TEXT = "KES 100.00 zimelipwa – asante\n\n.a line that begins with a dot\nNambari: FT1\n"


@dataclasses.dataclass
class Beside:
    """A messenger of another channel."""

    letters: list[Letter] = dataclasses.field(default_factory=list)

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)


@pytest.fixture
async def post() -> AsyncIterator[tuple[MailSandbox, MailAccount]]:
    sandbox = MailSandbox()
    server = await sandbox.start()
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield sandbox, mail_account(f"smtp://127.0.0.1:{port}", sender="noreply@sokoni.example", needs_tls=False)


def letter(text: str = TEXT, *, channel: MessageChannel = MessageChannel.EMAIL, address: str = ADDRESS) -> Letter:
    return Letter(id=MessageId(new_id()), channel=channel, address=address, text=text)


def by(account: MailAccount, beside: Beside | None = None) -> SmtpMessenger:
    return SmtpMessenger(account, clock=SystemClock(), beside=beside or Beside())


async def test_a_mail_arrives_as_it_was_written(post: tuple[MailSandbox, MailAccount]) -> None:
    sandbox, account = post
    sent = letter()

    await by(account).send(sent)

    [mail] = sandbox.mails
    assert (mail["To"], mail["From"], mail["Subject"]) == (ADDRESS, "noreply@sokoni.example", TEXT.partition("\n")[0])
    assert mail["Message-ID"] == f"<{sent.id}@sokoni.example>"
    assert abs((datetime.now(UTC) - parsedate_to_datetime(mail["Date"])).total_seconds()) < 60
    content = mail.get_content().replace("\r\n", "\n")  # type: ignore[attr-defined]
    assert content == ".a line that begins with a dot\nNambari: FT1\n"


async def test_a_text_of_one_line_is_the_whole_mail(post: tuple[MailSandbox, MailAccount]) -> None:
    sandbox, account = post

    await by(account).send(letter("123456 is your Sokoni code."))

    [mail] = sandbox.mails
    assert (mail["Subject"], mail.get_content().strip()) == ("Sokoni", "123456 is your Sokoni code.")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("behaviour", "code", "kept"),
    [
        (Behaviour.BUSY, "421", 0),
        (Behaviour.REFUSE, "550", 0),
        (Behaviour.FULL, "452", 0),
        (Behaviour.LOST, None, 1),
    ],
)
async def test_what_was_not_answered_well_is_given_again_under_the_same_name(
    post: tuple[MailSandbox, MailAccount], behaviour: Behaviour, code: str | None, kept: int
) -> None:
    sandbox, account = post
    sandbox.behaviours.append(behaviour)
    sent = letter()

    with pytest.raises(MessengerUnavailable) as refused:
        await by(account).send(sent)
    assert (refused.value.provider, refused.value.provider_code, len(sandbox.mails)) == ("smtp", code, kept)
    await by(account).send(sent)

    assert len({mail["Message-ID"] for mail in sandbox.mails}) == 1
    assert len(sandbox.mails) == kept + 1


async def test_a_server_that_is_away_or_offers_no_tls_where_it_must_takes_nothing(
    post: tuple[MailSandbox, MailAccount],
) -> None:
    sandbox, account = post
    nobody = dataclasses.replace(account, port=1)
    secret = dataclasses.replace(account, needs_tls=True, username="us", password="secret")

    for unusable in (nobody, secret):
        with pytest.raises(MessengerUnavailable):
            await by(unusable).send(letter())

    assert sandbox.mails == []
    assert "secret" not in repr(secret)


async def test_an_address_that_would_write_headers_takes_nothing(post: tuple[MailSandbox, MailAccount]) -> None:
    sandbox, account = post

    with pytest.raises(MessengerUnavailable):
        await by(account).send(letter(address="amina@example.com\r\nBcc: all@example.com"))

    assert sandbox.mails == []


async def test_what_is_no_mail_goes_to_the_messenger_beside(post: tuple[MailSandbox, MailAccount]) -> None:
    sandbox, account = post
    beside, sms = Beside(), letter(channel=MessageChannel.SMS, address="+254712345678")

    await by(account, beside).send(sms)

    assert (beside.letters, sandbox.mails, sandbox.sessions) == ([sms], [], 0)


async def test_several_mails_at_once_arrive_each_once(post: tuple[MailSandbox, MailAccount]) -> None:
    sandbox, account = post
    letters = [letter(f"{number}\n\ntext") for number in range(12)]

    await asyncio.gather(*(by(account).send(each) for each in letters))

    assert sorted(mail["Message-ID"] for mail in sandbox.mails) == sorted(
        f"<{each.id}@sokoni.example>" for each in letters
    )


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "smtp://mail.example/path", "mail.example:25"])
def test_what_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="smtp"):
        mail_account(url, sender="noreply@sokoni.example", needs_tls=True)


def test_ports_follow_the_way_that_is_named() -> None:
    ours = mail_account("smtps://us%40x:p%3Aw@mail.example", sender="a@b.example", needs_tls=True)

    assert (ours.port, ours.is_tls, ours.username, ours.password) == (465, True, "us@x", "p:w")
    assert mail_account("smtp://mail.example", sender="a@b.example", needs_tls=True).port == 587
