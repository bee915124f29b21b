"""The text for what needs nothing but reads: raised at anything unusual, and then done again with care."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import indent
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLLeafType,
    GraphQLObjectType,
    get_nullable_type,
    is_leaf_type,
    is_object_type,
)

from execution.classes import class_of, members_of, only_keeps
from execution.declared import Applied, Each
from execution.emit_fields import unusual
from execution.emit_reads import Parent, Whole, read_source, reading
from execution.steps import FieldStep, Step

SOURCE = Parent()

# What the text calls `{v}_…` is what the object would keep, whatever that is called.
EACH = """\
{v}over = {over}
if type({v}over) is not list and type({v}over) is not tuple:
    raise Unusual
{v} = []
for {place}, {item} in enumerate({v}over):
{parts}
    {v}.append({{{entries}}})
"""


def part_source(step: FieldStep, v: str, number: str, names: dict[str, Any], parent: Parent = SOURCE) -> str | None:
    """Reads and completes a field into the variable `v`; None when that takes more than reads."""
    if step.edge is not None or (step.takes_arguments and step.pure is None):
        return None
    try:
        unmade = _unmade(step, v, number, names, parent)
        if unmade is not None:
            return unmade
        item, read = item_source(step, v, number, names), reading(step, number, names, parent)
    except Whole:
        return None
    return None if item is None or read is None else f"{v} = {read}\n{item}"


def parts_source(
    fields: Sequence[FieldStep | str], type_: GraphQLObjectType, v: str, names: dict[str, Any], parent: Parent = SOURCE
) -> tuple[str, str, Sequence[int]]:
    """Text that reads the plain fields, the entries of the answer, and which fields are not plain.

    What the text calls its own has names that begin with `v`.
    """
    parts, entries, others = "", [], []
    for place, field in enumerate(fields):
        if isinstance(field, str):
            entries.append(f"{field!r}: {type_.name!r}")
            continue
        part = part_source(field, f"{v}{place}", f"{v[1:]}{place}", names, parent)
        if part is None:
            others.append(place)
            entries.append(f"{field.key!r}: None")
        else:
            parts += part
            entries.append(f"{field.key!r}: {v}{place}")
    return parts, ", ".join(entries), others


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


def _unmade(step: FieldStep, v: str, number: str, names: dict[str, Any], parent: Parent) -> str | None:
    """An object, or a list of them, answered by what it would be made of; None where it has to be made."""
    read = step.read
    if not isinstance(read, Applied) or read.arguments:
        return None
    each = read if isinstance(read, Each) else None
    kept = {name: f"{v}_{name}" for name in (*read.named, *((each.item, each.place) if each else ()))}
    shown = step if each is None else step.item
    found = None if shown is None else _shown(shown, read.function, v, names, kept)
    if found is None:
        return None
    parts, entries = found
    text = "".join(
        f"{kept[name]} = {read_source(of, f'{number}_{name}', names, parent)}\n" for name, of in read.named.items()
    )
    if each is None:
        return f"{text}{parts}{v} = {{{entries}}}\n"
    over = read_source(each.over, f"{number}over", names, parent)
    return text + EACH.format(
        v=v, over=over, place=kept[each.place], item=kept[each.item], parts=indent(parts, "    "), entries=entries
    )


def _shown(
    step: Step, class_: object, v: str, names: dict[str, Any], kept: Mapping[str, str]
) -> tuple[str, str] | None:
    """What is asked of an object of this class at this position, if it needs no more than what such an object keeps."""
    type_ = get_nullable_type(step.type)
    if step.fields is None or not is_object_type(type_) or not isinstance(class_, type):
        return None
    is_of_type = type_.is_type_of is None or class_ is class_of(type_)
    if not is_of_type or not only_keeps(class_, kept.keys()):
        return None
    parts, entries, others = parts_source(step.fields, type_, f"{v}_", names, Parent(kept))
    return None if others else (parts, entries)


def _leaf(type_: GraphQLLeafType, v: str, number: str, names: dict[str, Any]) -> str:
    members = members_of(type_) if isinstance(type_, GraphQLEnumType) else None
    if members is not None:
        names[f"Members{number}"], names[f"members{number}"] = members
        return f"if type({v}) is not Members{number}:\n    raise Unusual\n{v} = members{number}[{v}._name_]\n"
    names[f"coerce{number}"] = coerce = type_.coerce_output_value
    text = (
        f"if special[type({v})]:\n    raise Unusual\n"
        f"{v} = coerce{number}({v})\n"
        f"if {v} is None or {v} is Undefined:\n    raise Unusual\n"
    )
    return f"if type({v}) is not str:\n{indent(text, '    ')}" if coerce is str else text
