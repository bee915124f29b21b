"""Cursors: what they are made of, and that they are written for whoever asks."""

from __future__ import annotations

import base64
import hashlib

import pytest

from domain.errors import InvalidInput
from domain.page import Page, PageRequest
from schema.pages import CursorSigner, PageCursors, scope_of

SECRET = b"a secret of 32 bytes, as it is.."
KEYS = ("2026-11-20T12:00:00.123456+00:00", 7, None)


def test_a_cursor_is_the_keys_behind_a_code_that_needs_the_secret() -> None:
    raw = base64.urlsafe_b64decode(CursorSigner(SECRET).write("things", KEYS) + "==")

    assert raw[12:] == b'["2026-11-20T12:00:00.123456+00:00",7,null]'
    assert raw[:12] == hashlib.blake2b(b"things\0" + raw[12:], key=SECRET, digest_size=12).digest()


def test_a_cursor_is_read_by_its_own_list_alone() -> None:
    signer = CursorSigner(SECRET)
    cursor = signer.write(scope_of("things", "red"), KEYS)

    assert signer.read(scope_of("things", "red"), cursor) == KEYS
    assert signer.write(scope_of("things", "blue"), KEYS) != cursor == signer.write(scope_of("things", "red"), KEYS)
    for damaged in (cursor[:-1], "A" + cursor[1:], cursor + "A", "ä", ""):
        with pytest.raises(InvalidInput):
            signer.read(scope_of("things", "red"), damaged)
    for scope, key in ((scope_of("things", "blue"), SECRET), (scope_of("things", "red"), SECRET[::-1])):
        with pytest.raises(InvalidInput):
            CursorSigner(key).read(scope, cursor)


def test_a_page_writes_only_the_cursors_that_are_asked_for() -> None:
    signer, asked = CursorSigner(SECRET), PageRequest(first=2)
    page = Page(("a", "b"), (("never",), ("last",)), has_next=True)
    empty: Page[str] = Page((), (), has_next=False)

    assert PageCursors(page, signer, "things", asked).at_end(-1) == signer.write("things", ("last",))
    assert PageCursors(empty, signer, "things", asked).at_end(0) is None
