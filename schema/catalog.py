"""Categories as the API shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Self

import strawberry

from domain.catalog.shown import ShownCategory
from domain.errors import FieldFault, InvalidInput
from domain.ids import CategoryId, IdKind, encoder_of
from domain.localized import FALLBACK_LANGUAGE, LocalizedText
from schema.errors import Payload
from schema.fields import edge
from schema.node import Node
from schema.shown import public, pure, shown

category_id: Final = encoder_of(IdKind.CATEGORY)


@strawberry.type
class LanguageText:
    """A text in one language."""

    language: str
    """Two letters (ISO 639-1)."""
    text: str
    """The text."""

    @classmethod
    def of(cls, localized: LocalizedText) -> list[Self]:
        """All languages of a text, by their letters."""
        return [cls(language=language, text=text) for language, text in sorted(localized.texts.items())]


@strawberry.input
class LanguageTextInput:
    """A text in one language; English is always among several."""

    language: str
    """Two lower-case letters (ISO 639-1)."""
    text: str
    """The text."""


@strawberry.type
class Category(Node):
    """A place in the tree under which listings are filed. At most 500 are active, in five levels."""

    entity: strawberry.Private[ShownCategory]
    language: strawberry.Private[str] = FALLBACK_LANGUAGE
    below: strawberry.Private[list[Category] | None] = None

    id: strawberry.ID = shown(category_id, "entity.id")
    slug: str = shown("entity.slug")
    """Its name in addresses; never changes."""
    path: str = shown("entity.path")
    """The slugs from the root, joined by slashes."""
    level: int = shown("entity.level")
    """0 at the root."""
    sort_order: int = shown("entity.sort_order")
    """Where it stands among its siblings, the smallest first."""
    is_active: bool = shown("entity.is_active")
    """Whether it is open; it is offered when everything above it is open too."""
    version: int = shown("entity.version")
    """Counts its changes; send it back as expectedVersion."""
    created_at: datetime = shown("entity.created_at")
    """When it was made."""
    updated_at: datetime = shown("entity.updated_at")
    """When it was last changed."""
    parent: Category | None = edge(key="entity.parent_id", loader="category", is_often_known=True)
    """The category above; null at the root."""

    @classmethod
    def of(
        cls, category: ShownCategory, *, language: str = FALLBACK_LANGUAGE, below: list[Category] | None = None
    ) -> Self:
        """Of a category as it was read. `below`: its children, where they were read with it."""
        return cls(entity=category, language=language, below=below)

    @pure
    def name(self, language: str | None = None) -> str:
        """Its name in `language`, else in the one that the list was asked for, else in English."""
        return self.entity.name.in_language(language or self.language)

    @pure
    def names(self) -> list[LanguageText]:
        """Its name in every language that it has."""
        return LanguageText.of(self.entity.name)

    @pure
    def description(self, language: str | None = None) -> str | None:
        """What belongs there, in `language`, else in the one that the list was asked for, else in English."""
        text = self.entity.description
        return text.in_language(language or self.language) if text else None

    @public
    async def children(self, info: strawberry.Info[Any, None]) -> list[Category]:
        """The open categories right below, in their order."""
        if self.below is not None:
            return self.below
        children: list[Category] = await info.context.loaders.category_children.load(self.entity.id)
        return children


def tree_of(categories: Iterable[ShownCategory], *, language: str) -> Mapping[CategoryId | None, Sequence[Category]]:
    """Children by their parent, the roots under None, each with its own children in it; parents come first."""
    below: dict[CategoryId | None, list[Category]] = {None: []}
    for category in categories:
        children = below.setdefault(category.id, [])
        below.setdefault(category.parent_id, []).append(Category.of(category, language=language, below=children))
    return below


def texts_of(texts: Iterable[LanguageTextInput], *, path: tuple[str, ...]) -> dict[str, str]:
    """The map from language to text.

    Raises:
        InvalidInput: a language is named twice.
    """
    found: dict[str, str] = {}
    for given in texts:
        if given.language in found:
            raise InvalidInput(FieldFault(path, f"names the language {given.language[:8]} twice"))
        found[given.language] = given.text
    return found


@strawberry.input
class CategoryCreateInput:
    """A new category."""

    slug: str
    """Lower-case words of a-z and 0-9 joined by hyphens, at most 60 characters; for life."""
    name: list[LanguageTextInput]
    """In English and, where known, other languages; at most 80 characters each."""
    description: list[LanguageTextInput] = strawberry.field(default_factory=list)
    """What belongs there; at most 500 characters a language."""
    parent_id: strawberry.ID | None = None
    """The category above; left out for a root."""
    sort_order: int = 0
    """Where it stands among its siblings, 0 to 10000."""


@strawberry.input
class CategoryUpdateInput:
    """What is left out stays."""

    category_id: strawberry.ID
    """Which category."""
    name: list[LanguageTextInput] | None = None
    """Replaces the name in every language."""
    description: list[LanguageTextInput] | None = None
    """Replaces the description in every language; an empty list takes it away."""
    sort_order: int | None = None
    """Where it stands among its siblings, 0 to 10000."""
    is_active: bool | None = None
    """False closes it and everything below it to new listings."""
    expected_version: int | None = None
    """Refuses when the category was changed since this version was read."""


@strawberry.type
class CategoryCreatePayload(Payload):
    """The new category."""

    category: Category | None = None
    """Null when it was refused."""


@strawberry.type
class CategoryUpdatePayload(Payload):
    """The changed category."""

    category: Category | None = None
    """Null when it was refused."""
