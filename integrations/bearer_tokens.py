"""An access token of one provider: asked for by one, used by all until shortly before it expires."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.clock import Clock

MARGIN: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class GivenToken:
    """What a provider gave, and for how long it is good."""

    token: str
    life: timedelta

    def __repr__(self) -> str:
        return f"GivenToken({self.life})"


class BearerTokens:
    """The token of one process; `fetch` asks the provider for another, and raises when it gives none."""

    def __init__(self, fetch: Callable[[], Awaitable[GivenToken]], *, clock: Clock) -> None:
        self._fetch, self._clock = fetch, clock
        self._turn = asyncio.Lock()
        self._token: str | None = None
        self._until: datetime | None = None

    async def current(self) -> str:
        """A token that is good for a while. However many ask at once, the provider is asked once."""
        async with self._turn:
            if self._token is None or self._until is None or self._clock.now() >= self._until:
                asked_at = self._clock.now()
                given = await self._fetch()
                self._token, self._until = given.token, asked_at + given.life - MARGIN
            return self._token

    def forget(self, token: str) -> None:
        """The provider does not take this one any more; a newer one, which somebody else may have got, stays."""
        if self._token == token:
            self._token = None
