"""The servers that are compared: ours as in production, ours on graphql-core, and Mercurius, on one database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from bench.crowd import Crowd
from bench.house import House, free_port
from bench.node import Mercurius
from bench.people import Person, as_believed

OURS: Final = "ours"
REFERENCE: Final = "reference"
THEIRS: Final = "mercurius"
# Access, limits, request ids and logs as in production; only the limit itself is out of reach.
AS_IN_PRODUCTION: Final = {
    "SOKONI_RATE_LIMITS": "on",
    "SOKONI_RATE_LIMIT_PER_MINUTE": "1000000000",
    "SOKONI_LOG_LEVEL": "INFO",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One server."""

    name: str
    url: str
    pid: int

    @property
    def port(self) -> int:
        """Where it listens."""
        port = urlsplit(self.url).port
        assert port is not None, "every side has a port of its own"
        return port

    async def people(self, crowd: Crowd, count: int) -> Sequence[Person]:
        """People as this server knows them."""
        people = await crowd.people(count)
        return as_believed(people) if self.name == THEIRS else people


def start_ours(house: House, name: str = OURS, **more: str) -> Side:
    """Our API process."""
    url = house.start_api(name, **AS_IN_PRODUCTION, **more)
    return Side(name, url, house.processes[name].pid)


def start_reference(house: House) -> Side:
    """Our API process with graphql-core in place of the compiler."""
    return start_ours(house, REFERENCE, SOKONI_EXECUTION="reference")


def start_theirs(house: House, mercurius: Mercurius) -> Side:
    """Mercurius with compiled queries."""
    port, database = free_port(), urlsplit(house.database_url)
    where = parse_qs(database.query)
    process = house.start_program(
        THEIRS,
        *mercurius.command,
        BENCH_PORT=str(port),
        BENCH_PGHOST=where["host"][0],
        BENCH_PGPORT=where["port"][0],
        BENCH_PGDATABASE=database.path.lstrip("/"),
        NODE_ENV="production",
    )
    return Side(THEIRS, house.await_up(THEIRS, process, port), process.pid)
