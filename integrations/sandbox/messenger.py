"""A messenger that shows what it would have sent."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TextIO

from domain.clock import Clock
from domain.identity.message import Letter


class SandboxMessenger:
    """Prints every message; with a path it also appends each as one line of JSON, for whoever waits for a code."""

    def __init__(self, *, clock: Clock, path: Path | None = None, screen: TextIO | None = None) -> None:
        self._clock = clock
        self._path = path
        self._screen = screen or sys.stdout

    async def send(self, letter: Letter) -> None:
        """Show the message; never fails, whatever becomes of the screen."""
        self._screen.write(f"[{letter.channel}] to {letter.address}: {letter.text}\n")
        self._screen.flush()
        if self._path is not None:
            await asyncio.to_thread(self._append, self._path, letter)

    def _append(self, path: Path, letter: Letter) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        record = {
            "id": str(letter.id),
            "channel": letter.channel.value,
            "address": letter.address,
            "text": letter.text,
            "at": self._clock.now().isoformat(),
        }
        # The codes in it open people's accounts.
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with open(descriptor, "a", encoding="utf-8") as lines:
            lines.write(json.dumps(record) + "\n")
