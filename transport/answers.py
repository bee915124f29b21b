"""Answers that are the same for everybody, remembered as they were written."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from transport.negotiation import Form

# A change is seen after this long even where nobody says that something changed.
FRESH_SECONDS: Final = 5.0
BYTES_MAX: Final = 4 * 1024 * 1024
TAG_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer with its tag, and the messages that tell it."""

    document_id: str
    body: bytes
    tag: bytes
    fresh_until: float
    headers: tuple[tuple[bytes, bytes], ...]
    headers_unchanged: tuple[tuple[bytes, bytes], ...]

    def is_had(self, if_none_match: bytes | None) -> bool:
        """Whether the client has it already (RFC 9110 §13.1.2; tags are compared weakly)."""
        if if_none_match is None:
            return False
        if if_none_match == self.tag:
            return True
        named = {tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")}
        return self.tag in named or b"*" in named


class AnswerMemory:
    """By the address that asked for them: as many as fit, for some seconds each."""

    def __init__(
        self,
        *,
        bytes_max: int = BYTES_MAX,
        fresh_seconds: float = FRESH_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._answers: OrderedDict[tuple[bytes, Form], Remembered] = OrderedDict()
        self._bytes, self._bytes_max = 0, bytes_max
        self._fresh_seconds, self._monotonic = fresh_seconds, monotonic
        self.generation = 0

    def find(self, address: bytes, form: Form) -> Remembered | None:
        """What was answered there a moment ago."""
        key = (address, form)
        remembered = self._answers.get(key)
        if remembered is None:
            return None
        if self._monotonic() >= remembered.fresh_until:
            self._drop(key)
            return None
        self._answers.move_to_end(key)
        return remembered

    def keep(
        self, address: bytes, form: Form, body: bytes, *, document_id: str, lifetime_seconds: float, generation: int
    ) -> Remembered:
        """Remember an answer, unless something changed since `generation` was read; those not used for longest go."""
        fresh_until = self._monotonic() + min(self._fresh_seconds, lifetime_seconds)
        remembered = written(form, body, document_id=document_id, lifetime_seconds=lifetime_seconds, until=fresh_until)
        if generation != self.generation or len(address) + len(body) > self._bytes_max:
            return remembered
        key = (address, form)
        self._drop(key)
        self._answers[key] = remembered
        self._bytes += len(address) + len(body)
        while self._bytes > self._bytes_max:
            self._drop(next(iter(self._answers)))
        return remembered

    def forget(self) -> None:
        """Something changed that answers may tell of."""
        self.generation += 1
        self._answers.clear()
        self._bytes = 0

    def _drop(self, key: tuple[bytes, Form]) -> None:
        remembered = self._answers.pop(key, None)
        if remembered is not None:
            self._bytes -= len(key[0]) + len(remembered.body)


def written(form: Form, body: bytes, *, document_id: str, lifetime_seconds: float, until: float) -> Remembered:
    """The answer with its tag; another form of the same answer has another tag."""
    digest = hashlib.blake2b(body, digest_size=TAG_BYTES, person=form.name.encode()).hexdigest()
    tag = f'"{digest}"'.encode()
    unchanged: tuple[tuple[bytes, bytes], ...] = (
        (b"etag", tag),
        (b"cache-control", b"public, max-age=%d" % lifetime_seconds),
        # What stands before the endpoint tells browsers by their origin who may read; it is kept for that one only.
        (b"vary", b"Accept, Origin"),
    )
    told: Any = ((b"content-type", f"{form}; charset=utf-8".encode()), (b"content-length", b"%d" % len(body)))
    return Remembered(document_id, body, tag, until, (*told, *unchanged), unchanged)
