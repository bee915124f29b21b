"""A subscription's source that is nobody else's, read for one client."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable
from contextlib import suppress
from typing import Any

from transport.answer import Stream
from transport.shared import Sink


async def read_alone(stream: Stream, sink: Sink) -> None:
    """Give what the source tells to `sink`, as fast as the client takes it, and close the source whatever happens.

    Raises whatever the source raises.
    """
    source: AsyncIterable[Any] = stream.source
    events = aiter(source)
    try:
        async for event in events:
            rendered = stream.render(event)
            sink.next(await rendered if isinstance(rendered, Awaitable) else rendered, "")
            await sink.emptied()
    finally:
        close = getattr(events, "aclose", None)
        if close is not None:
            with suppress(RuntimeError):  # a generator that is running closes itself
                await close()
    sink.end()
