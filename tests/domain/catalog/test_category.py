"""Where a category stands in the tree, and what it may be called."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.catalog.category import Category, category_description, category_name
from domain.errors import InvalidInput
from domain.localized import LocalizedText

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def below(parent: Category | None, slug: str, *, sort_order: int = 0) -> Category:
    return Category.below(
        parent, slug=slug, name=LocalizedText({"en": slug}), description=None, sort_order=sort_order, at=NOON
    )


def test_the_path_is_the_slugs_from_the_root() -> None:
    vehicles = below(None, "vehicles")
    bicycles = below(vehicles, "bicycles")

    assert (vehicles.path, vehicles.level, vehicles.parent_id) == ("vehicles", 0, None)
    assert (bicycles.path, bicycles.level, bicycles.parent_id) == ("vehicles/bicycles", 1, vehicles.id)


def test_the_tree_has_five_levels() -> None:
    parent = None
    for level in range(5):
        parent = below(parent, f"level-{level}")

    with pytest.raises(InvalidInput) as refused:
        below(parent, "too-deep")

    assert refused.value.faults[0].path == ("parentId",)


@pytest.mark.parametrize("slug", ["", "Bikes", "bikes/red", "bikes%", "two--hyphens", "-a", "a-", "x" * 61, "bäder"])
def test_a_slug_is_words_joined_by_hyphens(slug: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        below(None, slug)

    assert refused.value.faults[0].path == ("slug",)


@pytest.mark.parametrize("order", [-1, 10_001])
def test_the_order_has_bounds(order: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        below(None, "bikes", sort_order=order)

    assert refused.value.faults[0].path == ("sortOrder",)


def test_a_name_answers_in_english_where_a_language_is_missing() -> None:
    name = category_name({"en": " Bicycles ", "sw": "Baiskeli"})

    assert (name.in_language("sw"), name.in_language("hi"), name.in_language("en")) == (
        "Baiskeli",
        "Bicycles",
        "Bicycles",
    )


@pytest.mark.parametrize(
    "texts", [{}, {"sw": "Baiskeli"}, {"en": "Bikes", "swa": "x"}, {"en": ""}, {"en": "x" * 81}, {"en": "B", "EN": "B"}]
)
def test_a_name_is_english_and_short(texts: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        category_name(texts)

    assert refused.value.faults[0].path == ("name",)


def test_no_text_at_all_is_no_description() -> None:
    assert category_description({}) is None
