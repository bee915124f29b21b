"""Server-sent events, as graphql-sse's distinct connections mode has them."""

from __future__ import annotations

from typing import Any, Final

import orjson

HEARTBEAT_SECONDS: Final = 15.0


class EventFraming:
    """Lines end with LF alone: there are clients that do not read CRLF."""

    content_type = b"text/event-stream; charset=utf-8"
    opening = b""
    heartbeat = b":\n\n"
    heartbeat_seconds = HEARTBEAT_SECONDS
    closing = b"event: complete\ndata:\n\n"

    def item(self, answer: bytes, cursor: str) -> bytes:
        """Its id is the cursor, which comes back as Last-Event-ID."""
        head = f"id: {cursor}\n".encode() if cursor else b""
        return head + b"event: next\ndata: " + answer + b"\n\n"

    def fault(self, errors: list[Any]) -> bytes:
        """One more `next`, because the protocol has nothing else to say it with."""
        return self.item(orjson.dumps({"errors": errors}), "")
