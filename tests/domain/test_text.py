"""Text that people type, and what no keyboard makes."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.text import prose


@pytest.mark.parametrize("typed", ["For lunch", "Zoë 😀", "two\nlines\tand a tab", "क्‍ष", "soft\u00adhyphen", "\ue000"])
def test_what_people_type_is_kept(typed: str) -> None:
    assert prose(typed, path=("note",), longest=40) == typed


@pytest.mark.parametrize("typed", ["a\x00b", "a\x7fb", "a\x85b", "a\ud800b", "a\n\x1bb"])
def test_what_no_keyboard_makes_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput, match="control characters"):
        prose(typed, path=("note",), longest=40)
