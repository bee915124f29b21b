"""The text of reads: attributes of the parent, and functions of what else is read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from execution.declared import Applied, Read
from execution.emit_fields import attribute_source
from execution.steps import FieldStep


class Whole(Exception):  # noqa: N818 – a sign to whoever writes the text
    """Something is asked of a parent that was not made."""


@dataclass(frozen=True, slots=True)
class Parent:
    """The object whose fields are read: what the function is given, or one that is not made.

    Then `kept` are the variables that hold what it would keep, by the names of its attributes.
    """

    kept: Mapping[str, str] | None = None

    def attribute(self, name: str) -> str:
        """An attribute of it. Raises Whole."""
        if self.kept is None:
            return attribute_source("source", name)
        if name not in self.kept:
            raise Whole
        return self.kept[name]

    @property
    def whole(self) -> str:
        """The object itself. Raises Whole."""
        if self.kept is not None:
            raise Whole
        return "source"


def reading(step: FieldStep, number: str, names: dict[str, Any], parent: Parent) -> str | None:
    """The value of a field, not yet completed; None where that takes more than reads. Raises Whole."""
    if step.attribute is not None:
        return parent.attribute(step.attribute)
    read = step.pure or step.read
    return None if read is None else read_source(read, number, names, parent)


def read_source(read: Read, number: str, names: dict[str, Any], parent: Parent) -> str:
    """One read. Raises Whole."""
    if type(read) is attrgetter:
        attributes: tuple[str, ...] = read.__reduce__()[1]  # type: ignore[assignment]
        if len(attributes) == 1:
            first, *others = attributes[0].split(".")
            text = parent.attribute(first)
            for name in others:
                text = attribute_source(text, name)
            return text
    if type(read) is Applied:
        arguments = [read_source(of, f"{number}_{place}", names, parent) for place, of in enumerate(read.arguments)]
        arguments += [f"{name}={read_source(of, f'{number}_{name}', names, parent)}" for name, of in read.named.items()]
        names[f"read{number}"] = read.function
        return f"read{number}({', '.join(arguments)})"
    names[f"read{number}"] = read
    return f"read{number}({parent.whole})"
