"""Lists: Relay connections over keyset pages, with cursors that clients cannot forge."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Generic, Self, TypeVar

import strawberry

from domain.errors import FieldFault, InvalidInput
from domain.page import PAGE_SIZE_DEFAULT, Page, PageRequest
from domain.plain import to_plain

T = TypeVar("T")
_MAC_BYTES = 12


def scope_of(name: str, *asked: object) -> str:
    """Names one list by everything that decides what is in it and in which order: filter, sort, whose it is."""
    return f"{name}:{json.dumps(to_plain(list(asked)), sort_keys=True, separators=(',', ':'))}"


class CursorSigner:
    """Signs the sort keys of an item for one list; a cursor of another list or another filter is refused."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, scope: str, keys: tuple[str | int | None, ...]) -> str:
        """The opaque cursor of an item."""
        body = json.dumps(keys, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(scope, body) + body).decode().rstrip("=")

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

    def _mac(self, scope: str, body: bytes) -> bytes:
        return hmac.digest(self._secret, scope.encode() + b"\0" + body, hashlib.sha256)[:_MAC_BYTES]


@strawberry.type
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool
    """Whether more items follow."""
    has_previous_page: bool
    """Whether the page was asked for after a cursor."""
    start_cursor: str | None
    """The first item's cursor."""
    end_cursor: str | None
    """The last item's cursor."""


@strawberry.type
class Edge(Generic[T]):
    """An item and its place in the list."""

    cursor: str
    """Pass it as `after` to go on behind this item."""
    node: T
    """The item."""


@strawberry.type
class Connection(Generic[T]):
    """A page of a list."""

    edges: list[Edge[T]]
    """The items with their cursors."""
    nodes: list[T]
    """The items alone."""
    page_info: PageInfo
    """Where the page stands."""
    next_cursor: str | None
    """Pass it as `after` for the next page; null at the end."""

    @classmethod
    def of(cls, page: Page[T], *, cursors: CursorSigner, scope: str, request: PageRequest) -> Self:
        """From a page of the domain whose items are API types already."""
        edges = [
            Edge(cursor=cursors.write(scope, keys), node=item) for item, keys in zip(page.items, page.keys, strict=True)
        ]
        last = edges[-1].cursor if edges else None
        return cls(
            edges=edges,
            nodes=list(page.items),
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=request.after is not None,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=last,
            ),
            next_cursor=last if page.has_next else None,
        )
