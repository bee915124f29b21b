"""E-mails are given to a server of ours, which brings them to their addresses. Source: RFC 5321, RFC 5322."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from domain.clock import Clock
from domain.identity.message import Letter, MessageChannel, MessengerUnavailable
from domain.identity.ports import Messenger
from integrations.smtp.account import MailAccount

PROVIDER: Final = "smtp"
TIMEOUT_SECONDS: Final = 8
SUBJECT_DEFAULT: Final = "Sokoni"


class SmtpMessenger:
    """E-mails go by SMTP, and everything else to the messenger beside it.

    A message is taken when the server answers the end of its text. Where that answer gets lost it is given again later,
    under the same Message-ID, by which servers and readers know it as the same: SMTP promises no more.
    """

    def __init__(self, account: MailAccount, *, clock: Clock, beside: Messenger) -> None:
        self._account, self._clock, self._beside = account, clock, beside

    async def send(self, letter: Letter) -> None:
        """Give it to the server. Raises MessengerUnavailable: it was not taken, or nobody knows."""
        if letter.channel is not MessageChannel.EMAIL:
            await self._beside.send(letter)
            return
        try:
            await asyncio.to_thread(_give, self._account, self._mail(letter), letter.address)
        except smtplib.SMTPResponseException as fault:
            raise MessengerUnavailable(PROVIDER, str(fault.smtp_code), "The mail server refused it.") from fault
        except smtplib.SMTPRecipientsRefused as fault:
            code = next(iter(fault.recipients.values()))[0]
            raise MessengerUnavailable(PROVIDER, str(code), "The mail server refused the address.") from fault
        except (smtplib.SMTPException, OSError, ValueError) as fault:
            raise MessengerUnavailable(PROVIDER, None, "The mail server did not take it.") from fault

    def _mail(self, letter: Letter) -> EmailMessage:
        subject, _, rest = letter.text.partition("\n")
        mail = EmailMessage()
        mail["From"], mail["To"] = self._account.sender, letter.address
        mail["Subject"] = subject if rest else SUBJECT_DEFAULT
        mail["Date"] = format_datetime(self._clock.now())
        mail["Message-ID"] = f"<{letter.id}@{self._account.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(rest.strip() or letter.text)
        return mail


def _give(account: MailAccount, mail: EmailMessage, address: str) -> None:
    connect = smtplib.SMTP_SSL if account.is_tls else smtplib.SMTP
    server = connect(account.host, account.port, timeout=TIMEOUT_SECONDS)
    try:
        server.ehlo()
        if not account.is_tls and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        elif not account.is_tls and account.needs_tls:
            raise smtplib.SMTPNotSupportedError("no TLS")
        if account.username:
            server.login(account.username, account.password)
        server.send_message(mail, account.sender, [address])
        # It is taken; whatever becomes of the farewell changes nothing.
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()
