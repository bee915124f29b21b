"""Subscriptions as Apollo's clients read them over HTTP: parts of one answer, each a JSON object.

Source: apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

HEARTBEAT_SECONDS: Final = 5.0
BOUNDARY: Final = b"graphql"
HEAD: Final = b"\r\ncontent-type: application/json\r\n\r\n"
TAIL: Final = b"\r\n--" + BOUNDARY


class MultipartFraming:
    """A client knows that a part is whole when it reads the boundary behind it, so each part is written with that.

    Whether another part follows or nothing is what comes after a boundary, and is written with what follows.
    """

    content_type = b'multipart/mixed;boundary="' + BOUNDARY + b'";subscriptionSpec=1.0'
    opening = b"--" + BOUNDARY
    heartbeat = HEAD + b"{}" + TAIL
    heartbeat_seconds = HEARTBEAT_SECONDS
    closing = b"--\r\n"

    def item(self, answer: bytes, cursor: str) -> bytes:  # noqa: ARG002  # clients find it in the item
        """One answer."""
        return HEAD + b'{"payload":' + answer + b"}" + TAIL

    def fault(self, errors: list[Any]) -> bytes:
        """No answer any more: errors of the stream, and not of an event of it."""
        return HEAD + orjson.dumps({"payload": None, "errors": errors}) + TAIL
