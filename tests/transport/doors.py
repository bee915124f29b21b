"""Surroundings that let everybody in, for tests that look at something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transport.surroundings import Caller, Close


class OpenDoor:
    """Everybody comes in; contexts are empty, and whoever stays is counted."""

    def __init__(self) -> None:
        self.sessions = 0
        self.closes: list[Close] = []

    async def of_request(self, caller: Caller) -> Any:
        """Nothing in it."""
        return {}

    def of_stream(self, context: Any, close: Close) -> OpenDoor:
        """One more who stays."""
        self.sessions += 1
        self.closes.append(close)
        return self

    async def of_socket(self, caller: Caller, parameters: Mapping[str, object], close: Close) -> OpenDoor:
        """One more who stays."""
        return self.of_stream(None, close)

    def context(self) -> Any:
        """Nothing in it."""
        return {}

    def ended(self) -> None:
        """One less."""
        self.sessions -= 1
