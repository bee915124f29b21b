"""The text for one field: read it, complete it, note where it went wrong, keep it."""

from __future__ import annotations

from keyword import iskeyword
from textwrap import indent
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLString,
    get_nullable_type,
    is_scalar_type,
)

from execution.arguments import Constant
from execution.declared import known_of
from execution.direct import Direct
from execution.steps import FieldStep, Step

# What a value must not be to need more than a copy, by the way its scalar is written.
USUAL: Final = (
    (GraphQLString, "type({v}) is not str"),
    (GraphQLID, "type({v}) is not str"),
    (GraphQLInt, "(type({v}) is not int or not -2147483648 <= {v} <= 2147483647)"),
    (GraphQLFloat, "(type({v}) is not float or {v} - {v} != 0.0)"),
    (GraphQLBoolean, "{v} is not True and {v} is not False"),
)

READ: Final = """\
if mapped:
    v = source.get({name!r})
else:
    try:
        v = {attribute}
    except AttributeError:
        v = None
"""

COMPLETE: Final = """\
if special[type(v)]:
    v = {finish}(run, {step}, p, {info}, v)
else:
    v = {inner}(run, p, {info}, v)
    if special[type(v)] and run.awaitable(v):
        v = guarded(run, {step}, p, v)
"""

EDGE: Final = """\
try:
    v = edge{number}(source)
    if v is None:
        v = finish(run, step{number}, {path}, None, None)
    else:
        run.edges[step{number}].append((answers, path, v))
        v = None
except Exception as error:
    v = run.fail(step{number}, {path}, error)
answers[{key!r}] = v
"""

# Where nothing is loaded for several at once anyway, what is at hand is not waited for.
KNOWN_EDGE: Final = """\
try:
    v = edge{number}(source)
    if v is None:
        v = finish(run, step{number}, {path}, None, None)
    else:
        found = known{number}(run.context, v)
        if found is None:
            run.edges[step{number}].append((answers, path, v))
            v = None
        else:
            v = step{number}.shown(run, path, found)
except Exception as error:
    v = run.fail(step{number}, {path}, error)
if type(v) is Coroutine:
    pending += ({key!r},)
answers[{key!r}] = v
"""

CHECKED_EDGE: Final = """\
run.edges[step{number}].append((answers, path, source))
answers[{key!r}] = None
"""


def field_source(step: FieldStep, number: str, names: dict[str, Any]) -> str:
    """A field of an object. `number` tells its names from those of the other fields."""
    names[f"step{number}"] = step
    path = f"new(Path, (path, {step.key!r}, {step.parent.name!r}))"
    if step.edge is not None:
        names[f"edge{number}"] = step.edge.key
        text = CHECKED_EDGE if step.edge.check else EDGE
        if not step.many and step.edge.check is None and (known := known_of(step.edge)) is not None:
            names[f"known{number}"], text = known, KNOWN_EDGE
        return text.format(number=number, path=path, key=step.key)
    called = step.resolve is not None and step.attribute is None and step.read is None
    told = called and step.direct is None
    reading = _reading(step, number, names)
    if told:
        reading = f"i = {_info(step, number, names)}\nif run.info_as is not None:\n    i = run.info_as(i)\n{reading}"
    has_path = called and (step.direct is None or step.direct.is_told)
    at = "p" if has_path or not unusual(step.type, step.non_null) else path
    names[f"inner{number}"] = step.inner
    body = reading + completion(step, number, names, at=at, info="i" if told else "None")
    before = f"p = {path}\n" if at == "p" else ""
    return (
        f"{before}try:\n{indent(body, '    ')}"
        f"except Exception as error:\n    v = run.fail(step{number}, {at}, error)\n"
        f"if type(v) is Coroutine:\n    pending += ({step.key!r},)\n"
        f"answers[{step.key!r}] = v\n"
    )


def completion(step: Step, number: str, names: dict[str, Any], *, at: str | None, info: str = "info") -> str:
    """What makes of `v` the answer at its position, whose path is `at`; None stands for an item of a list."""
    default = isinstance(step, FieldStep) and step.resolve is None and step.read is None
    finishing = "finish_default" if default else "finish"
    path = at or "new(Path, (path, index, None))"
    condition = unusual(step.type, step.non_null)
    if condition:
        return f"if {condition.format(v='v')}:\n    v = {finishing}(run, step{number}, {path}, {info}, v)\n"
    before = "" if at else f"p = {path}\n"
    return before + COMPLETE.format(finish=finishing, step=f"step{number}", inner=f"inner{number}", info=info)


def unusual(type_: GraphQLOutputType, non_null: bool) -> str | None:
    """When a value of a built-in scalar needs more than a copy; None for the types of which none is so plain."""
    named = get_nullable_type(type_)
    if not is_scalar_type(named):
        return None
    for scalar, condition in USUAL:
        if named is scalar or named.coerce_output_value is scalar.coerce_output_value:
            return condition if non_null else f"{{v}} is not None and {condition}"
    return None


def attribute_source(of: str, name: str) -> str:
    """An attribute of what the text `of` stands for, whatever its name."""
    plain = name.isascii() and name.isidentifier() and not iskeyword(name)
    return f"{of}.{name}" if plain else f"getattr({of}, {name!r})"


def _reading(step: FieldStep, number: str, names: dict[str, Any]) -> str:
    arguments = ""
    before = ""
    if step.takes_arguments and not (step.read is not None and isinstance(step.arguments, Constant)):
        names[f"arguments{number}"] = step.arguments
        before = f"a = arguments{number}(run)\n"
        arguments = ", **a"
    if step.attribute is not None:
        return f"{before}v = {attribute_source('source', step.attribute)}\n"
    if step.read is not None:
        names[f"read{number}"] = step.read
        return f"{before}v = read{number}(source)\n"
    if step.resolve is None:
        name = step.nodes[0].name.value
        return before + READ.format(name=name, attribute=attribute_source("source", name))
    if step.direct is not None:
        return before + _direct(step, step.direct, number, names)
    names[f"resolve{number}"] = step.resolve
    return f"{before}v = resolve{number}(source, i{arguments})\n"


def _direct(step: FieldStep, direct: Direct, number: str, names: dict[str, Any]) -> str:
    """A call of a resolver of strawberry; `a` holds its arguments, if it takes any."""
    told = f"i = told{number}(run, step{number}, p)\n" if direct.is_told else ""
    info = "i" if direct.is_told else "None"
    given = f"convert{number}(a, {info})" if step.takes_arguments else "{}"
    names |= {f"told{number}": direct.info, f"convert{number}": direct.arguments.convert}
    if direct.around:
        names[f"within{number}"] = direct.within
        return f"{told}v = within{number}(source, i, {given})\n"
    names[f"call{number}"] = direct.function
    parts = ["source"] if direct.is_method else []
    parts += [f"{name}=source" for name in direct.parent_names]
    if direct.info_name is not None:
        parts.append(f"{direct.info_name}=i")
    if given != "{}":
        parts.append(f"**{given}")
    return f"{told}v = call{number}({', '.join(parts)})\n"


def _info(step: FieldStep, number: str, names: dict[str, Any]) -> str:
    names |= {f"nodes{number}": step.nodes, f"type{number}": step.type, "parent": step.parent}
    names |= {"schema": step.request.schema, "fragments": step.request.definitions}
    names["operation"] = step.request.operation
    told = {
        "field_name": repr(step.nodes[0].name.value),
        "field_nodes": f"nodes{number}",
        "return_type": f"type{number}",
        "parent_type": "parent",
        "path": "p",
        "schema": "schema",
        "fragments": "fragments",
        "root_value": "run.root",
        "operation": "operation",
        "variable_values": "run.variables",
        "context": "run.context",
        "is_awaitable": "run.awaitable",
        "abort_signal": "None",
        "async_helpers": "run.helpers",
    }
    return f"new(Info, ({', '.join(told[name] for name in GraphQLResolveInfo._fields)}))"
