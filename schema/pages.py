"""Lists: Relay connections over keyset pages, with cursors that clients cannot forge."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from binascii import b2a_base64
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Generic, Self, TypeVar

import orjson
import strawberry

from domain.errors import FieldFault, InvalidInput
from domain.page import PAGE_SIZE_DEFAULT, Page, PageRequest
from domain.plain import to_plain
from execution.declared import Each
from schema.shown import shown

T = TypeVar("T")
_MAC_BYTES: Final = 12
_REMEMBERED_MAX: Final = 2_048
_LISTS_MAX: Final = 256
_WRITTEN_MAX: Final = 4_096
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")


@lru_cache(maxsize=_REMEMBERED_MAX, typed=True)
def scope_of(name: str, *asked: Hashable) -> str:
    """Names one list by everything that decides what is in it and in which order: filter, sort, whose it is.

    The last 2048 are remembered; a page names its list whether or not somebody reads a cursor.
    """
    return f"{name}:{json.dumps(to_plain(list(asked)), sort_keys=True, separators=(',', ':'))}"


class CursorSigner:
    """Signs the sort keys of an item for one list; a cursor of another list or another filter is refused."""

    def __init__(self, secret: bytes) -> None:
        # Keyed BLAKE2: a page has dozens of cursors, and HMAC would hash four times for each.
        self._keyed = hashlib.blake2b(key=secret, digest_size=_MAC_BYTES)
        self._of_list = lru_cache(maxsize=_LISTS_MAX)(self._begun)
        # The first pages of the market are what everybody asks for.
        self.write = lru_cache(maxsize=_WRITTEN_MAX)(self._write)
        """The opaque cursor of an item, by the scope of its list and its sort keys."""

    def read(self, scope: str, cursor: str, *, path: tuple[str, ...] = ("after",)) -> tuple[str | int | None, ...]:
        """The sort keys.

        Raises:
            InvalidInput: forged, damaged, or a cursor of another list.
        """
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            body = raw[_MAC_BYTES:]
            is_ours = hmac.compare_digest(raw[:_MAC_BYTES], self._mac(scope, body))
        except ValueError:
            is_ours = False
        if not is_ours:
            raise InvalidInput(FieldFault(path, "is not a cursor of this list"))
        return tuple(json.loads(body))

    def request(self, scope: str, *, first: int | None, after: str | None) -> PageRequest:
        """A page request from the arguments of a field.

        Raises:
            InvalidInput: the page is larger than 50 or smaller than 1, or the cursor is not of this list.
        """
        size = PAGE_SIZE_DEFAULT if first is None else first
        return PageRequest(size, self.read(scope, after) if after is not None else None)

    def _write(self, scope: str, keys: tuple[str | int | None, ...]) -> str:
        body = orjson.dumps(keys)
        return b2a_base64(self._mac(scope, body) + body, newline=False).translate(_URL_SAFE, b"=").decode()

    def _mac(self, scope: str, body: bytes) -> bytes:
        signing = self._of_list(scope).copy()
        signing.update(body)
        return signing.digest()

    def _begun(self, scope: str) -> hashlib.blake2b:
        signing = self._keyed.copy()
        signing.update(scope.encode() + b"\0")
        return signing


@dataclass(frozen=True, slots=True)
class PageCursors:
    """The cursors of a page; each is written when it is asked for."""

    page: Page[Any]
    signer: CursorSigner
    scope: str
    request: PageRequest

    def at(self, place: int) -> str:
        """The cursor of one item of the page, the first being 0 and the last -1."""
        return self.signer.write(self.scope, self.page.keys[place])

    def at_end(self, place: int) -> str | None:
        """The same; nothing where the page is empty."""
        return self.at(place) if self.page.items else None

    def of_next(self) -> str | None:
        """What the next page is asked for with, if there is one."""
        return self.at_end(-1) if self.page.has_next else None


@strawberry.type
class PageInfo:
    """Where a page stands in its list."""

    cursors: strawberry.Private[PageCursors]

    has_next_page: bool = shown("cursors.page.has_next")
    """Whether more items follow."""
    has_previous_page: bool = shown(lambda info: info.cursors.request.after is not None)
    """Whether the page was asked for after a cursor."""
    start_cursor: str | None = shown(lambda info: info.cursors.at_end(0))
    """The first item's cursor."""
    end_cursor: str | None = shown(lambda info: info.cursors.at_end(-1))
    """The last item's cursor."""


@strawberry.type
class Edge(Generic[T]):
    """An item and its place in the list."""

    cursors: strawberry.Private[PageCursors]
    place: strawberry.Private[int]

    cursor: str = shown(PageCursors.at, "cursors", "place")
    """Pass it as `after` to go on behind this item."""
    node: T
    """The item."""


@strawberry.type
class Connection(Generic[T]):
    """A page of a list."""

    cursors: strawberry.Private[PageCursors]

    edges: list[Edge[T]] = shown(Each(Edge, "cursors.page.items", "node", "place", cursors="cursors"))
    """The items with their cursors."""
    nodes: list[T] = shown("cursors.page.items")
    """The items alone."""
    page_info: PageInfo = shown(PageInfo, cursors="cursors")
    """Where the page stands."""
    next_cursor: str | None = shown(PageCursors.of_next, "cursors")
    """Pass it as `after` for the next page; null at the end."""

    @classmethod
    def of(cls, page: Page[T], *, cursors: CursorSigner, scope: str, request: PageRequest) -> Self:
        """From a page of the domain whose items are API types already."""
        return cls(cursors=PageCursors(page, cursors, scope, request))
