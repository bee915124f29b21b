"""One line for every request, as JSON like all other lines, and cheap: thousands a second are written."""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import UTC, datetime
from typing import Final

import orjson

LOGGER: Final = "sokoni.http"
# To write each turn's line by itself takes as long as to answer a small request.
TOGETHER_SECONDS: Final = 0.05


class AccessLog:
    """Lines of a twentieth of a second are written together. They hold nothing that would have to be blotted out."""

    def __init__(self) -> None:
        self._is_wanted = logging.getLogger(LOGGER).isEnabledFor(logging.INFO)
        self._lines: list[bytes] = []

    def note(self, *, request_id: str, method: str, path: str, status: int, elapsed_ms: float) -> None:
        """A request was answered."""
        if not self._is_wanted:
            return
        if not self._lines:
            asyncio.get_running_loop().call_later(TOGETHER_SECONDS, self.write)
        self._lines.append(
            orjson.dumps(
                {
                    "method": method,
                    "path": path,
                    "status": status,
                    "elapsed_ms": elapsed_ms,
                    "event": "request",
                    "request_id": request_id,
                    "level": "info",
                    "logger": LOGGER,
                    "timestamp": datetime.now(UTC),
                },
                option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z,
            )
        )

    def write(self) -> None:
        """Write what is gathered: now and then, and when no more requests come."""
        lines, self._lines = self._lines, []
        if not lines:
            return
        sys.stderr.buffer.write(b"".join(lines))
        sys.stderr.buffer.flush()
