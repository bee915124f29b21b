"""A process full of listeners, as the one who measures sees it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import orjson

from bench.hearing import Heard, Seat
from bench.root import ROOT


class Audience:
    """Listeners that are all seated."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def begin(self) -> None:
        """Forget what was heard and count from here on."""
        self._order("begin")

    def heard(self) -> Heard:
        """What was heard until now."""
        return Heard(**self._order("count"))

    def until(self, deliveries: int, *, seconds: float) -> Heard:
        """What was heard when so much was, or when the time is over."""
        deadline = time.monotonic() + seconds
        while (heard := self.heard()).deliveries < deliveries and time.monotonic() < deadline:
            time.sleep(0.05)
        return heard

    def _order(self, order: str) -> dict[str, Any]:
        given, said = self._process.stdin, self._process.stdout
        assert given, "it takes orders"
        assert said, "it answers"
        given.write(f"{order}\n".encode())
        given.flush()
        answer: dict[str, Any] = orjson.loads(said.readline())
        return answer


@contextmanager
def seated(port: int, seats: Sequence[Seat]) -> Iterator[Audience]:
    """Listeners on every seat until the end of the block."""
    command = [sys.executable, "-m", "bench.hearing"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdin, "it takes orders"
            assert process.stdout, "it answers"
            process.stdin.write(orjson.dumps({"port": port, "seats": [asdict(seat) for seat in seats]}) + b"\n")
            process.stdin.flush()
            assert process.stdout.readline(), "the audience found no seats"
            yield Audience(process)
        finally:
            process.kill()
