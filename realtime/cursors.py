"""Stream cursors: a position as an opaque text that a client can keep but not make."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final
from uuid import UUID

from db.streams import Position
from domain.errors import FieldFault, InvalidInput

_SEAL_BYTES: Final = 12
_EPOCH_BYTES: Final = 16
_OFFSET_BYTES: Final = 8


class CursorSeal:
    """Writes and reads cursors under one secret, which all processes share and which nothing else is sealed with."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.sha256(b"stream cursor\0" + secret).digest()
        self._written: tuple[Position | None, str] = (None, "")

    def cursor(self, position: Position) -> str:
        """The cursor of a position. An item and its event ask for the same one in a row."""
        asked, written = self._written
        if asked is not position:
            written = self._write(position)
            self._written = (position, written)
        return written

    def _write(self, position: Position) -> str:
        place = position.epoch.bytes + position.offset.to_bytes(_OFFSET_BYTES, "big")
        packed = self._mac(position.stream, place) + place
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    def position(self, cursor: str, *, stream: str, path: tuple[str, ...] = ("after",)) -> Position:
        """The position in `stream` that a cursor of ours stands for.

        Raises:
            InvalidInput: made by somebody else, changed on the way, or another stream's.
        """
        try:
            packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            packed = b""
        mac, place = packed[:_SEAL_BYTES], packed[_SEAL_BYTES:]
        if len(place) != _EPOCH_BYTES + _OFFSET_BYTES or not hmac.compare_digest(mac, self._mac(stream, place)):
            raise InvalidInput(FieldFault(path, "is not a cursor of this stream"))
        return Position(stream, UUID(bytes=place[:_EPOCH_BYTES]), int.from_bytes(place[_EPOCH_BYTES:], "big"))

    def _mac(self, stream: str, place: bytes) -> bytes:
        return hmac.digest(self._key, stream.encode() + b"\0" + place, "sha256")[:_SEAL_BYTES]
