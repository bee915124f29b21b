"""Documents over the schema of the world: every feature of the language, mostly valid."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

from tests.execution.world import SCHEMA

DEPTH_MAX = 4
VARIABLES = {
    "yes": "Boolean! = true",
    "no": "Boolean!",
    "text": "String",
    "number": "Int! = 4",
    "colour": "Colour = RED",
    "filter": "Filter",
    "sizes": "[Int!]",
    "odd": "Odd",
}


@dataclass
class Writing:
    """One document while it is written."""

    dice: Random
    schema: GraphQLSchema = SCHEMA
    fragments: dict[str, str] = field(default_factory=dict)

    def document(self, *operations: str) -> str:
        """One operation, of one of these kinds."""
        operation = self.dice.choice(operations)
        root = operation.capitalize()
        selection = self.selection(root, 0)
        if self.schema is not SCHEMA:
            return "\n".join([f"{operation} {selection}", *self.fragments.values()])
        declared = ", ".join(f"${name}: {type_}" for name, type_ in VARIABLES.items())
        return "\n".join([f"{operation} Asked({declared}) {selection}", *self.fragments.values()])

    def selection(self, type_name: str, depth: int) -> str:
        parts = [self.part(type_name, depth) for _ in range(self.dice.randint(1, 5 if depth == 0 else 2))]
        return "{ " + " ".join(parts) + " }"

    def part(self, type_name: str, depth: int) -> str:
        roll = self.dice.randrange(10)
        if roll == 9 and depth < DEPTH_MAX:
            return self.inline(type_name, depth)
        if roll == 8 and depth < DEPTH_MAX and len(self.fragments) < 4:
            return self.spread(type_name, depth)
        return self.field(type_name, depth)

    def inline(self, type_name: str, depth: int) -> str:
        condition = self.dice.choice((type_name, "", *self.narrower(type_name)))
        on = f" on {condition}" if condition else ""
        return f"...{on}{self.directive()} {self.selection(condition or type_name, depth + 1)}"

    def spread(self, type_name: str, depth: int) -> str:
        on = self.dice.choice((type_name, *self.narrower(type_name)))
        name = f"Part{len(self.fragments)}"
        self.fragments[name] = ""
        self.fragments[name] = f"fragment {name} on {on} {self.selection(on, depth + 1)}"
        return f"...{name}{self.directive()} ...{name}"

    def narrower(self, type_name: str) -> tuple[str, ...]:
        type_ = self.schema.type_map[type_name]
        if not is_abstract_type(type_):
            return ()
        possible = [possible.name for possible in self.schema.get_possible_types(type_)]
        return (*possible, *sorted({"Node", "Named"} & self.schema.type_map.keys()))

    def field(self, type_name: str, depth: int) -> str:
        type_ = self.schema.type_map[type_name]
        if isinstance(type_, GraphQLUnionType) or self.dice.randrange(12) == 0:
            return self.dice.choice(("", "kind: ")) + "__typename"
        assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        fields = {
            name: one
            for name, one in type_.fields.items()
            if depth < DEPTH_MAX or is_leaf_type(get_named_type(one.type))
        }
        name = self.dice.choice(sorted(fields))
        alias = f"{self.dice.choice(('first', 'second', 'third'))}: " if self.dice.randrange(5) == 0 else ""
        named = get_named_type(fields[name].type)
        below = "" if is_leaf_type(named) else f" {self.selection(named.name, depth + 1)}"
        return f"{alias}{name}{self.arguments(name)}{self.directive()}{below}"

    def directive(self) -> str:
        if self.dice.randrange(6):
            return ""
        condition = self.dice.choice(("$yes", "$no", "true", "false") if self.schema is SCHEMA else ("true", "false"))
        return f" @{self.dice.choice(('skip', 'include'))}(if: {condition})"

    def arguments(self, name: str) -> str:
        if name == "strictEcho":
            colours = self.dice.choice(("", ", colours: [RED, BLUE]", ", colours: GREEN"))
            return f"(filter: {self.dice.choice(('$filter', self.filter(0)))}{colours})"
        if name != "echo":
            return ""
        given = [f"number: {self.dice.choice(('$number', '5', '5', '$missing', 'null'))}"]
        for argument, literals in LITERALS.items():
            if self.dice.randrange(4) == 0:
                given.append(f"{argument}: {self.dice.choice(literals)}")
        if self.dice.randrange(3) == 0:
            given.append(f"filter: {self.dice.choice(('$filter', 'null', self.filter(0)))}")
        if self.dice.randrange(4) == 0:
            given.append(f"filters: [{self.filter(1)}, {self.filter(1)}]")
        return f"({', '.join(given)})"

    def filter(self, depth: int) -> str:
        given = ["name: " + self.dice.choice(("$text", '"n"', '"n"', "null"))]
        for name, literals in FILTER.items():
            if self.dice.randrange(3) == 0:
                given.append(f"{name}: {self.dice.choice(literals)}")
        if depth < 2 and self.dice.randrange(4) == 0:
            given.append(f"inner: {self.filter(depth + 1)}")
        return "{" + ", ".join(given) + "}"


LITERALS = {
    "text": ("$text", '"hello"', "null", '"""a\nblock"""'),
    "ratio": ("1.5", "3", "$number"),
    "flag": ("false", "$yes", "null", "$no"),
    "key": ('"k"', "7", "$text"),
    "colour": ("RED", "$colour", "null", "PINK"),
    "odd": ("3", "4", "$odd"),
    "grid": ("[[1, 2], null, [3]]", "5", "[$sizes]", "[[$number]]"),
}
FILTER = {
    "colour": ("RED", "$colour"),
    "sizes": ("[4, 5]", "$sizes", "6", "null"),
    "odd": ("7", "$odd"),
    "ratio": ("0.5", "2"),
}
VALUES: dict[str, tuple[Any, ...]] = {
    "yes": (True, False),
    "no": (True, False, False),
    "text": ("given", None),
    "number": (9, 9, None, "nine"),
    "colour": ("BLUE", None),
    "filter": ({"name": "f"}, {"name": "f", "inner": {"name": "g", "sizes": 3}}, None),
    "sizes": ([1, 2], 8, None),
    "odd": (3, 9, 3, 8),
}


def variables(dice: Random) -> dict[str, Any]:
    """Values for the variables of a document: most of them right, some left out."""
    given = {name: dice.choice(values) for name, values in VALUES.items() if name != "no" and dice.randrange(4)}
    if dice.randrange(30):
        given["no"] = dice.choice(VALUES["no"])
    for name in ("number", "odd"):
        if dice.randrange(10):
            given.pop(name, None)
    return given
