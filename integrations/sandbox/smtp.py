"""A mail server for development and tests: it speaks SMTP as RFC 5321 says, and brings nothing anywhere."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from enum import StrEnum
from pathlib import Path
from typing import Final

LINE_MAX: Final = 64 * 1024
MAIL_MAX: Final = 1024 * 1024
_PATH: Final = re.compile(rb"(?:FROM|TO):\s*<([^<>\s]*)>.*", re.IGNORECASE)


class Behaviour(StrEnum):
    """How the next mail fares, if otherwise than well."""

    BUSY = "busy"
    """421: the server takes nothing now."""
    REFUSE = "refuse"
    """550: it knows no such address."""
    FULL = "full"
    """452: it takes no mail at the end of its text."""
    LOST = "lost"
    """It takes the mail, and its answer gets lost."""


@dataclass
class MailSandbox:
    """Keeps what it takes in memory, and with a folder as a file for each."""

    folder: Path | None = None
    mails: list[Message] = field(default_factory=list)
    behaviours: deque[Behaviour] = field(default_factory=deque)
    sessions: int = 0

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> asyncio.Server:
        """Listen; the caller closes it."""
        return await asyncio.start_server(self._talk, host, port, limit=LINE_MAX)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        behaviour = self.behaviours.popleft() if self.behaviours else None
        try:
            await _Session(self, reader, writer, behaviour).run()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    def keep(self, content: bytes) -> None:
        """Take a mail."""
        mail = message_from_bytes(content, policy=default)
        self.mails.append(mail)
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            whole = self.folder / f"{len(self.mails):06}.eml"
            # Whoever looks into the folder meanwhile sees it whole or not at all.
            whole.with_suffix(".part").write_bytes(content)
            whole.with_suffix(".part").replace(whole)


@dataclass
class _Session:
    sandbox: MailSandbox
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    behaviour: Behaviour | None
    sender: bytes | None = None
    recipients: list[bytes] = field(default_factory=list)

    async def run(self) -> None:
        if self.behaviour is Behaviour.BUSY:
            await self._say(b"421 sandbox is busy")
            return
        await self._say(b"220 sandbox ESMTP")
        while line := (await self.reader.readline()).rstrip(b"\r\n"):
            verb, _, rest = line.partition(b" ")
            if verb.upper() == b"QUIT":
                await self._say(b"221 bye")
                return
            if not await self._obeys(verb.upper(), rest):
                return

    async def _obeys(self, verb: bytes, rest: bytes) -> bool:
        match verb:
            case b"EHLO":
                await self._say(b"250-sandbox", b"250-8BITMIME", b"250-SMTPUTF8", b"250 SIZE %d" % MAIL_MAX)
            case b"HELO" | b"NOOP":
                await self._say(b"250 OK")
            case b"RSET":
                self.sender, self.recipients = None, []
                await self._say(b"250 OK")
            case b"MAIL":
                self.sender, self.recipients = _path(rest), []
                await self._say(b"501 no address" if self.sender is None else b"250 OK")
            case b"RCPT":
                await self._say(self._taken(_path(rest)))
            case b"DATA":
                return await self._take()
            case _:
                await self._say(b"502 not implemented")
        return True

    def _taken(self, address: bytes | None) -> bytes:
        if self.sender is None:
            return b"503 MAIL first"
        if not address:
            return b"501 no address"
        if self.behaviour is Behaviour.REFUSE:
            return b"550 no such address"
        self.recipients.append(address)
        return b"250 OK"

    async def _take(self) -> bool:
        if not self.recipients:
            await self._say(b"503 RCPT first")
            return True
        await self._say(b"354 end with a dot")
        lines: list[bytes] = []
        while (line := await self.reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line.removeprefix(b"."))  # a dot that begins a line was doubled by who sent it
        content = b"".join(lines)
        if self.behaviour is Behaviour.FULL or len(content) > MAIL_MAX:
            await self._say(b"452 no room" if self.behaviour else b"552 too large")
            return True
        self.sandbox.keep(content)
        if self.behaviour is Behaviour.LOST:
            return False
        await self._say(b"250 taken")
        self.sender, self.recipients = None, []
        return True

    async def _say(self, *lines: bytes) -> None:
        self.writer.write(b"".join(line + b"\r\n" for line in lines))
        await self.writer.drain()


def _path(rest: bytes) -> bytes | None:
    found = _PATH.fullmatch(rest)
    return found.group(1) if found else None
