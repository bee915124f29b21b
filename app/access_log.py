"""One line for every request, as JSON like all other lines, and cheap: thousands a second are written."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import orjson

from app.callbacks import shown_path

LOGGER: Final = "sokoni.http"
# To write each turn's line by itself takes as long as to answer a small request.
TOGETHER_SECONDS: Final = 0.05
NANOSECONDS: Final = 1_000_000_000
QUOTED_MAX: Final = 256


Line = tuple[str, str, str, int, float, int]
"""Request id, method, path, status, seconds that it took, and nanoseconds since 1970."""


class AccessLog:
    """Lines of a twentieth of a second are written together, which is also when they are made: between two requests
    that would be several times as dear. They hold nothing that would have to be blotted out.
    """

    def __init__(self) -> None:
        self._is_wanted = logging.getLogger(LOGGER).isEnabledFor(logging.INFO)
        self._lines: list[Line] = []

    def note(self, request_id: str, method: str, path: str, status: int, seconds: float) -> None:
        """A request was answered."""
        if not self._is_wanted:
            return
        if not self._lines:
            asyncio.get_running_loop().call_later(TOGETHER_SECONDS, self.write)
        self._lines.append((request_id, method, path, status, seconds, time.time_ns()))

    def write(self) -> None:
        """Write what is gathered: now and then, and when no more requests come."""
        lines, self._lines = self._lines, []
        if not lines:
            return
        sys.stderr.buffer.write("".join(map(written, lines)).encode())
        sys.stderr.buffer.flush()


def written(line: Line) -> str:
    """The line as JSON."""
    request_id, method, path, status, took, at = line
    seconds, rest = divmod(at, NANOSECONDS)
    return (
        f'{{"method":{_quoted(method)},"path":{_quoted(shown_path(path))},"status":{status},'
        f'"elapsed_ms":{took * 1000:.1f},"event":"request","request_id":{_quoted_once(request_id)},"level":"info",'
        f'"logger":"{LOGGER}","timestamp":"{_second(seconds)}.{rest // 1000:06d}Z"}}\n'
    )


def _quoted_once(text: str) -> str:
    return orjson.dumps(text).decode()


_quoted: Final = lru_cache(QUOTED_MAX)(_quoted_once)


@lru_cache(2)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
