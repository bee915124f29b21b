"""When a break is let through."""

from __future__ import annotations

from datetime import date

import pytest
from graphql import build_schema

from app.contract.changes import changes_between
from app.contract.excuses import announced_in, unexcused

TODAY = date(2027, 4, 1)
SCHEMA = """
type Query {
  goods(city: String, town: String @deprecated(reason: "use city; removal on or after 2027-04-01")): [Good!]!
}
type Good {
  title: String!
  name: String @deprecated(reason: "use title; removal on or after 2027-04-01")
  label: String @deprecated(reason: "use title; removal on or after 2027-04-02")
  text: String @deprecated(reason: "use title")
  colour: Colour
  paint: Paint @deprecated(reason: "use colour; removal on or after 2027-01-01")
}
type Paint { gloss: Gloss }
enum Gloss { MATT SHINY }
enum Colour { RED GREEN @deprecated(reason: "nobody paints green; removal on or after 2027-03-31") BLUE }
"""
CHANGELOG = """# Changelog

## Unreleased

### Added
- `Good.title` is never `null`.

### Breaking
- `Good.colour` is gone: goods have none.
- The argument `Query.goods(city:)`; ask for a place.

## 1.0

### Breaking
- `Good.text` was another.
"""


def refused(*edits: tuple[str, str], changelog: str = "") -> list[str]:
    text = SCHEMA
    for before, after in edits:
        assert before in text
        text = text.replace(before, after, 1)
    released, now = build_schema(SCHEMA), build_schema(text)
    changes = changes_between(released, now)
    found = unexcused(changes, released=released, changelog=changelog, today=TODAY)
    return [change.coordinate for change in found]


def without(field: str) -> tuple[str, str]:
    line = next(line for line in SCHEMA.splitlines() if line.strip().startswith(f"{field}:"))
    return line, ""


def test_what_was_deprecated_may_go_from_its_day_on() -> None:
    assert refused(without("name")) == []


def test_it_may_not_go_a_day_earlier() -> None:
    assert refused(without("label")) == ["Good.label"]


def test_a_deprecation_without_a_day_lets_nothing_go() -> None:
    assert refused(without("text")) == ["Good.text"]


def test_what_was_never_deprecated_may_not_go() -> None:
    assert refused(without("colour")) == ["Good.colour"]


def test_a_value_and_an_argument_may_go_from_their_day_on() -> None:
    argument = ', town: String @deprecated(reason: "use city; removal on or after 2027-04-01")'
    value = ' GREEN @deprecated(reason: "nobody paints green; removal on or after 2027-03-31")'

    assert refused((argument, ""), (value, "")) == []
    assert refused((" BLUE", "")) == ["Colour.BLUE"]


def test_types_that_nothing_leads_to_any_more_go_with_what_led_to_them() -> None:
    assert refused(without("paint"), ("type Paint { gloss: Gloss }", ""), ("enum Gloss { MATT SHINY }", "")) == []


def test_a_deprecation_is_no_excuse_for_another_type() -> None:
    assert refused(("name: String", "name: Int")) == ["Good.name"]


def test_what_the_change_log_names_as_breaking_may_break() -> None:
    assert refused(without("colour"), ("city: String", "place: String"), changelog=CHANGELOG) == []


@pytest.mark.parametrize("coordinate", ["Good.title", "Good.text"])
def test_naming_it_elsewhere_in_the_change_log_is_no_announcement(coordinate: str) -> None:
    assert coordinate not in announced_in(CHANGELOG)
    assert refused(without(coordinate.partition(".")[2]), changelog=CHANGELOG) == [coordinate]
