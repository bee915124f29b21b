"""A category: one place in the tree under which listings are filed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ids import CategoryId, new_id
from domain.localized import FALLBACK_LANGUAGE, LocalizedText
from domain.text import line, prose

LEVEL_MAX: Final = 4
ACTIVE_CATEGORIES_MAX: Final = 500  # so that a client may be given the whole tree at once
NAME_MAX: Final = 80
DESCRIPTION_MAX: Final = 500
SLUG_MAX: Final = 60
LANGUAGES_MAX: Final = 12
SORT_ORDER_MAX: Final = 10_000

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_LANGUAGE: Final = re.compile(r"[a-z]{2}", re.ASCII)


@dataclass(eq=False, kw_only=True)
class Category:
    """A node of the tree. Slug and parent are for life: links and `path` are made of them.

    `path` is the slugs from the root, joined by `/`; `level` is 0 at the root. A category is offered when it and
    everything above it is active.
    """

    id: CategoryId
    parent_id: CategoryId | None
    slug: str
    path: str
    level: int
    name: LocalizedText
    description: LocalizedText | None
    is_active: bool = True
    sort_order: int = 0
    version: int = 1
    created_at: datetime
    updated_at: datetime

    @classmethod
    def below(
        cls,
        parent: Category | None,
        *,
        slug: str,
        name: LocalizedText,
        description: LocalizedText | None,
        sort_order: int,
        at: datetime,
    ) -> Category:
        """A new category under `parent`, or at the top.

        Raises:
            InvalidInput: the slug is no slug, the order is out of range, or the tree would grow too deep.
        """
        level = parent.level + 1 if parent else 0
        if level > LEVEL_MAX:
            raise InvalidInput(FieldFault(("parentId",), f"is too deep: the tree has at most {LEVEL_MAX + 1} levels"))
        if len(slug) > SLUG_MAX or not _SLUG.fullmatch(slug):
            raise InvalidInput(FieldFault(("slug",), "must be lower-case words of a-z and 0-9 joined by hyphens"))
        return cls(
            id=CategoryId(new_id()),
            parent_id=parent.id if parent else None,
            slug=slug,
            path=f"{parent.path}/{slug}" if parent else slug,
            level=level,
            name=name,
            description=description,
            sort_order=checked_sort_order(sort_order),
            created_at=at,
            updated_at=at,
        )


def checked_sort_order(value: int) -> int:
    """Where a category stands among its siblings.

    Raises:
        InvalidInput: out of range.
    """
    if not 0 <= value <= SORT_ORDER_MAX:
        raise InvalidInput(FieldFault(("sortOrder",), f"must be between 0 and {SORT_ORDER_MAX}"))
    return value


def category_name(texts: Mapping[str, str]) -> LocalizedText:
    """The name in every language it is given in.

    Raises:
        InvalidInput: no English name, a language that is not two letters, or a name too long.
    """
    _check_languages(texts, path=("name",))
    return LocalizedText(
        {language: line(text, path=("name",), shortest=1, longest=NAME_MAX) for language, text in texts.items()}
    )


def category_description(texts: Mapping[str, str]) -> LocalizedText | None:
    """The description in every language it is given in; nothing at all is no description.

    Raises:
        InvalidInput: no English description among several, a language that is not two letters, or too long a text.
    """
    if not texts:
        return None
    _check_languages(texts, path=("description",))
    return LocalizedText(
        {
            language: prose(text, path=("description",), shortest=1, longest=DESCRIPTION_MAX)
            for language, text in texts.items()
        }
    )


def _check_languages(texts: Mapping[str, str], *, path: tuple[str, ...]) -> None:
    if FALLBACK_LANGUAGE not in texts:
        raise InvalidInput(FieldFault(path, f"needs a text in the language {FALLBACK_LANGUAGE}"))
    if len(texts) > LANGUAGES_MAX or not all(_LANGUAGE.fullmatch(language) for language in texts):
        raise InvalidInput(FieldFault(path, f"takes at most {LANGUAGES_MAX} languages, named by two letters each"))
