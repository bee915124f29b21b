"""The text for what needs nothing but reads: raised at anything unusual, and then done again with care."""

from __future__ import annotations

from operator import attrgetter
from textwrap import indent
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLLeafType,
    get_nullable_type,
    is_leaf_type,
)

from execution.classes import members_of
from execution.emit_fields import attribute_source, unusual
from execution.steps import FieldStep, Step


def part_source(step: FieldStep, v: str, number: str, names: dict[str, Any]) -> str | None:
    """Reads and completes a field into the variable `v`; None when that takes more than reads."""
    if step.edge is not None or (step.takes_arguments and step.pure is None):
        return None
    item = item_source(step, v, number, names)
    reading = _reading(step, number, names)
    return None if item is None or reading is None else f"{v} = {reading}\n{item}"


def item_source(step: Step, v: str, number: str, names: dict[str, Any]) -> str | None:
    """Completes the value in the variable `v`."""
    condition = unusual(step.type, step.non_null)
    if condition is not None:
        return f"if {condition.format(v=v)}:\n    raise Unusual\n"
    type_ = get_nullable_type(step.type)
    if is_leaf_type(type_):
        completing = _leaf(type_, v, number, names)
    elif step.plain is not None:
        names[f"plain{number}"] = step.plain
        completing = f"{v} = plain{number}({v})\n"
    else:
        return None
    return completing if step.non_null else f"if {v} is not None:\n{indent(completing, '    ')}"


def _leaf(type_: GraphQLLeafType, v: str, number: str, names: dict[str, Any]) -> str:
    members = members_of(type_) if isinstance(type_, GraphQLEnumType) else None
    if members is not None:
        names[f"Members{number}"], names[f"members{number}"] = members
        return f"if type({v}) is not Members{number}:\n    raise Unusual\n{v} = members{number}[{v}._name_]\n"
    names[f"coerce{number}"] = type_.coerce_output_value
    return (
        f"if special[type({v})]:\n    raise Unusual\n"
        f"{v} = coerce{number}({v})\n"
        f"if {v} is None or {v} is Undefined:\n    raise Unusual\n"
    )


def _reading(step: FieldStep, number: str, names: dict[str, Any]) -> str | None:
    if step.attribute is not None:
        return attribute_source(step.attribute)
    if step.pure is not None:
        names[f"read{number}"] = step.pure
        return f"read{number}(source)"
    if step.read is None:
        return None
    if type(step.read) is attrgetter:
        attributes: tuple[str, ...] = step.read.__reduce__()[1]  # type: ignore[assignment]
        if len(attributes) == 1:
            return _attributes(attributes[0])
    names[f"read{number}"] = step.read
    return f"read{number}(source)"


def _attributes(dotted: str) -> str:
    """The attributes that an attrgetter reads one of the other."""
    parts = dotted.split(".")
    return attribute_source(parts[0]) + "".join(f".{part}" for part in parts[1:])
