"""A convoy whose commit was done and whose connection ended before it said so: every rider finds its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import make_url

from db.convoys import Convoys
from db.engine import open_database
from db.mapping import map_everything
from domain.idempotency import Replayed
from tests.commands import Commands
from tests.db.riding import Payments, balances, counted, together
from tests.makers.wallets import kes, make_holder, verified

CHUNK_BYTES: Final = 64 * 1024
COMMITTED: Final = b"COMMIT\0"


class Line:
    """Stands between a process and its server; once it is told to, it ends with the answer to the next commit."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self.loses_next_commit = False
        self._passing: set[asyncio.Task[None]] = set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_unix_connection(self._socket)
        for passing in (self._pass_on(reader, ours), self._pass_on(theirs, writer)):
            task = asyncio.create_task(passing)
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            if self.loses_next_commit and COMMITTED in chunk:
                self.loses_next_commit = False
                break
            writer.write(chunk)
        writer.close()

    async def close(self) -> None:
        await asyncio.gather(*self._passing, return_exceptions=True)


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[tuple[Line, str]]:
    """A line, and the address at its end."""
    url = make_url(database_url)
    line = Line(f"{url.query['host']}/.s.PGSQL.{url.query['port']}")
    async with await asyncio.start_server(line.connected, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield line, url.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)
    await line.close()


async def test_who_was_committed_without_being_told_has_paid_once(fresh_database_url: str) -> None:
    map_everything()
    async with opened(fresh_database_url) as (line, url):
        database = open_database(url)
        commands = Commands(database)
        payments = Payments(commands, Convoys(database, ring=lambda: None))
        people = [await make_holder(commands, kes(1_000)) for _ in range(3)]
        amina, brian, chebet = people

        line.loses_next_commit = True
        answers = await together(
            payments.pay(amina, brian.user_id, kes(5)),
            payments.pay(brian, chebet.user_id, kes(7)),
            payments.pay(chebet, amina.user_id, kes(1)),
        )

        assert payments.rode == 0
        assert [isinstance(answer, Replayed) for answer in answers] == [True, True, True]
        assert len({answer.answer for answer in answers if isinstance(answer, Replayed)}) == len(people)
        assert await balances(commands, people) == [996, 998, 1_006]
        assert await counted(commands, "*", "idempotency_keys") == len(people)
        assert (await verified(commands)).is_sound
        await database.close()
