"""Asks over HTTP as fast as answers come, from a process of its own: `python -m bench.asking` takes a job as JSON.

Each connection has one request under way. Every answer's status is looked at, every fiftieth is read whole.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from itertools import cycle
from random import Random
from typing import Any, Final, cast

import orjson
import uvloop

from bench.documents import FRESH_KEY
from bench.figures import percentile
from bench.processor import used_seconds
from bench.root import ROOT

LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
READ_EVERY: Final = 50
LAST_SECONDS: Final = 15.0


@dataclass(frozen=True, kw_only=True)
class Job:
    """`requests` are sent in turn. The clocks of `pids` are read at both ends of the time that counts.

    `pause_seconds`: how long each connection rests before its next request, on average.
    """

    port: int
    requests: list[str]
    seconds: float
    warm_up_seconds: float = 1.5
    connections: int = 32
    pause_seconds: float = 0.0
    pids: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What came of a job: answers within the time that counts, and the processors' seconds by name."""

    answers: int
    seconds: float
    processor: dict[str, float]
    p50_ms: float
    p95_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    def milliseconds(self, name: str) -> float:
        """Processor time of one process for one answer."""
        return self.processor[name] * 1000 / self.answers


def ask(job: Job) -> Asked:
    """Do a job in a process of its own, so that its work is not ours to wait for."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.asking"],
        input=orjson.dumps(asdict(job)),
        cwd=ROOT,
        capture_output=True,
        timeout=job.seconds + job.warm_up_seconds + 2 * LAST_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return Asked(**orjson.loads(done.stdout))


class Run:
    """One job under way."""

    def __init__(self, job: Job) -> None:
        self.job, self.chance = job, Random(1)
        self.latencies: list[float] = []
        self.is_counting, self.is_over, self.fault = False, False, ""
        self.open = 0
        self._all = 0
        self._prefix, self._number = secrets.token_hex(8), 0
        self._requests = cycle([text.encode() for text in job.requests])
        self._has_keys = any(FRESH_KEY in text for text in job.requests)

    def next_request(self) -> bytes:
        """The next one, with a key of its own where there is one."""
        request = next(self._requests)
        if self._has_keys:
            self._number += 1
            request = request.replace(FRESH_KEY.encode(), f"{self._prefix}{self._number:016d}".encode())
        return request

    def answered(self, status: bytes, body: bytes, seconds: float) -> None:
        """Count an answer; a bad one ends the run."""
        self._all += 1
        if status != b"200" or (self._all % READ_EVERY == 1 and _is_refusal(body)):
            self.fault = self.fault or f"{status.decode()} {body.decode()[:500]}"
            self.is_over = True
        if self.is_counting:
            self.latencies.append(seconds)


class Connection(asyncio.Protocol):
    """One kept-alive connection. A server may close it while it rests; then the next request opens another."""

    transport: asyncio.Transport

    def __init__(self, run: Run) -> None:
        self._run, self._buffer, self._sent_at = run, b"", 0.0
        self._is_asking, self._is_lost = False, False
        self._again: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one without saying so
        self._run.open += 1
        pause = self._run.job.pause_seconds
        asyncio.get_running_loop().call_later(self._run.chance.random() * 2 * pause, self._ask)

    def _ask(self) -> None:
        if self._run.is_over:
            self.transport.close()
            return
        if self._is_lost:
            self._again = asyncio.ensure_future(connected(self._run))
            return
        self._sent_at, self._is_asking = time.perf_counter(), True
        self.transport.write(self._run.next_request())

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = LENGTH.search(self._buffer, 0, head)
        assert length, "every answer says how long it is"
        body = self._buffer[head + 4 :]
        if len(body) < int(length.group(1)):
            return
        status, self._buffer, self._is_asking = self._buffer[9:12], b"", False
        self._run.answered(status, body, time.perf_counter() - self._sent_at)
        if self._run.job.pause_seconds:
            pause = self._run.chance.random() * 2 * self._run.job.pause_seconds
            asyncio.get_running_loop().call_later(pause, self._ask)
        else:
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.open -= 1
        self._is_lost = True
        if not self._is_asking or self._run.is_over:
            return
        if self._run.job.pause_seconds:
            # Closed as idle in the very moment in which it was asked: browsers ask again.
            self._again = asyncio.ensure_future(connected(self._run))
        else:
            self._run.fault, self._run.is_over = self._run.fault or f"a connection was lost: {exc}", True


async def connected(run: Run) -> None:
    """One more connection; it asks by itself."""
    await asyncio.get_running_loop().create_connection(lambda: Connection(run), "127.0.0.1", run.job.port)


async def perform(job: Job) -> Asked:
    """Warm up, count, and let what is under way come to its end."""
    run = Run(job)
    for _ in range(job.connections):
        await connected(run)
    await _while_sound(run, job.warm_up_seconds)
    before, begin = used_seconds(job.pids), time.perf_counter()
    run.is_counting = True
    await _while_sound(run, job.seconds)
    run.is_counting = False
    seconds, after = time.perf_counter() - begin, used_seconds(job.pids)
    run.is_over = True
    deadline = time.perf_counter() + min(LAST_SECONDS, 2 * job.pause_seconds + 5)
    while run.open and time.perf_counter() < deadline:  # noqa: ASYNC110  # connections end one by one
        await asyncio.sleep(0.02)
    assert not run.fault, run.fault
    assert run.latencies, "nothing was answered"
    p50, p95, p99 = (percentile(run.latencies, share) * 1000 for share in (0.5, 0.95, 0.99))
    return Asked(
        answers=len(run.latencies),
        seconds=seconds,
        processor={name: after[name] - before[name] for name in job.pids},
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
    )


async def _while_sound(run: Run, seconds: float) -> None:
    deadline = time.perf_counter() + seconds
    while not run.is_over and (left := deadline - time.perf_counter()) > 0:  # noqa: ASYNC110  # any answer may end it
        await asyncio.sleep(min(left, 0.1))


def _is_refusal(body: bytes) -> bool:
    answer: dict[str, Any] = orjson.loads(body)
    payloads = (answer.get("data") or {}).values()
    return "errors" in answer or any(payload is None or payload.get("errors") for payload in payloads)


if __name__ == "__main__":
    outcome = uvloop.run(perform(Job(**orjson.loads(sys.stdin.buffer.read()))))
    sys.stdout.buffer.write(orjson.dumps(asdict(outcome)))
