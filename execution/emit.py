"""Python source for the objects and the lists of an answer: what is usual inline, everything else by a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from keyword import iskeyword
from textwrap import indent
from types import CodeType, CoroutineType, GeneratorType
from typing import Any, Final, cast

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLString,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_object_type,
    is_scalar_type,
)
from graphql.pyutils import Path, is_iterable

from execution.cache import Recent
from execution.running import finish, finish_default, guarded, left_in, whole
from execution.steps import FieldStep, Inner, Step, of_async

# What a value must not be to need more than a copy, by the way its scalar is written.
USUAL: Final = (
    (GraphQLString, "type(v) is not str"),
    (GraphQLID, "type(v) is not str"),
    (GraphQLInt, "(type(v) is not int or not -2147483648 <= v <= 2147483647)"),
    (GraphQLFloat, "(type(v) is not float or v - v != 0.0)"),
    (GraphQLBoolean, "v is not True and v is not False"),
)

OBJECT: Final = """\
def answer(run, path, info, source):
    mapped = mappings[type(source)]
    answers = {{}}
    pending = ()
    try:
{fields}
    except Exception:
        run.abandon([answers[key] for key in pending])
        raise
    return whole(answers, pending) if pending else answers
"""

LIST: Final = """\
def answer(run, path, info, value):
    if type(value) is not list and type(value) is not tuple:
        if hasattr(value, '__aiter__'):
            return of_async(run, step, path, info, value.__aiter__())
        if not is_iterable(value):
            raise GraphQLError(not_iterable)
    answers = []
    pending = []
    items = iter(value)
    index = 0
    try:
        for v in items:
            try:
{item}
            except Exception as error:
                v = run.fail(step, new(Path, (path, index, None)), error)
            if type(v) is Coroutine:
                pending.append(index)
            answers.append(v)
            index += 1
    except Exception:
        run.abandon([answers[index] for index in pending] + left_in(run, items))
        raise
    return whole(answers, pending) if pending else answers
"""

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


class Special(dict[type, bool]):
    """Which classes of values may be more than a value: null, an error, something to call or to wait for."""

    def __missing__(self, class_: type) -> bool:
        said = self[class_] = (
            class_ is type(None)
            or class_.__name__ == "UndefinedType"
            or issubclass(class_, (Exception, CoroutineType, GeneratorType))
            or hasattr(class_, "__call__")  # noqa: B004 – of instances, not of the class
            or hasattr(class_, "__await__")
            or hasattr(class_, "__getattr__")
            or class_.__getattribute__ is not object.__getattribute__
        )
        return said


class Mappings(dict[type, bool]):
    """Which classes of parents are read by key."""

    def __missing__(self, class_: type) -> bool:
        said = self[class_] = issubclass(class_, Mapping)
        return said


class Emitter:
    """Writes the functions of one plan. They share what is known of the classes that came by.

    Functions of the same text differ in the names they see only, so `codes` keeps each text compiled.
    """

    def __init__(self, codes: Recent[CodeType]) -> None:
        self._codes = codes
        self._shared: dict[str, Any] = {
            "Coroutine": CoroutineType,
            "finish": finish,
            "finish_default": finish_default,
            "GraphQLError": GraphQLError,
            "guarded": guarded,
            "Info": GraphQLResolveInfo,
            "is_iterable": is_iterable,
            "left_in": left_in,
            "mappings": Mappings(),
            "new": tuple.__new__,
            "of_async": of_async,
            "Path": Path,
            "special": Special(),
            "whole": whole,
        }

    def object(self, type_: GraphQLObjectType, fields: Sequence[FieldStep | str]) -> Inner:
        """All fields of a selection on this type; a plain text is a response name for the name of the type."""
        names: dict[str, Any] = {}
        parts = [
            f"answers[{field!r}] = {type_.name!r}\n" if isinstance(field, str) else _field(field, str(number), names)
            for number, field in enumerate(fields)
        ]
        return self._function(OBJECT.format(fields=indent("".join(parts) or "pass\n", " " * 8)), names)

    def list(self, step: Step) -> Inner:
        """A list of which `step` is the item."""
        names = {
            "step": step,
            "inner": step.inner,
            "not_iterable": f"Expected Iterable, but did not find one for field '{step.label}'.",
        }
        usual = _unusual(step.type, step.non_null)
        if usual:
            item = f"if {usual}:\n    v = finish(run, step, new(Path, (path, index, None)), info, v)\n"
        else:
            item = "p = new(Path, (path, index, None))\n"
            item += COMPLETE.format(finish="finish", step="step", inner="inner", info="info")
        return self._function(LIST.format(item=indent(item, " " * 16)), names)

    def _function(self, source: str, names: dict[str, Any]) -> Inner:
        code = self._codes.find(source)
        if code is None:
            code = compile(source, "<plan>", "exec")
            self._codes.add(source, code)
        scope = {**self._shared, **names}
        exec(code, scope)  # every name of the document in it was checked or is quoted
        return cast(Inner, scope["answer"])  # what the two templates define


def _field(step: FieldStep, number: str, names: dict[str, Any]) -> str:
    """One field: read it, complete it, note where it went wrong, keep it."""
    unusual = _unusual(step.type, step.non_null)
    names[f"step{number}"] = step
    path = f"new(Path, (path, {step.key!r}, {step.parent.name!r}))"
    finishing = "finish_default" if step.resolve is None else "finish"
    reading = _reading(step, number, names)
    told = _is_told(step)
    info = "None"
    if told:
        names |= {f"nodes{number}": step.nodes, f"type{number}": step.type, "parent": step.parent}
        names |= {"schema": step.request.schema, "fragments": step.request.definitions}
        names["operation"] = step.request.operation
        reading = f"i = {_info(step, number)}\nif run.info_as is not None:\n    i = run.info_as(i)\n{reading}"
        info = "i"
    at = "p" if told or not unusual else path
    if unusual:
        body = f"{reading}if {unusual}:\n    v = {finishing}(run, step{number}, {at}, {info}, v)\n"
    else:
        names[f"inner{number}"] = step.inner
        body = reading + COMPLETE.format(finish=finishing, step=f"step{number}", inner=f"inner{number}", info=info)
    before = f"p = {path}\n" if at == "p" else ""
    return (
        f"{before}try:\n{indent(body, '    ')}"
        f"except Exception as error:\n    v = run.fail(step{number}, {at}, error)\n"
        f"if type(v) is Coroutine:\n    pending += ({step.key!r},)\n"
        f"answers[{step.key!r}] = v\n"
    )


def _reading(step: FieldStep, number: str, names: dict[str, Any]) -> str:
    arguments = ""
    before = ""
    if step.takes_arguments:
        names[f"arguments{number}"] = step.arguments
        before = f"a = arguments{number}(run)\n"
        arguments = ", **a"
    if step.attribute is not None:
        return f"{before}v = {_attribute(step.attribute)}\n"
    if step.resolve is None:
        name = step.nodes[0].name.value
        return before + READ.format(name=name, attribute=_attribute(name))
    names[f"resolve{number}"] = step.resolve
    return f"{before}v = resolve{number}(source, i{arguments})\n"


def _attribute(name: str) -> str:
    plain = name.isascii() and name.isidentifier() and not iskeyword(name)
    return f"source.{name}" if plain else f"getattr(source, {name!r})"


def _is_told(step: FieldStep) -> bool:
    """Whether the field's resolver, or the type of its value, is given what a resolver is told."""
    named = get_named_type(step.type)
    by_type = is_abstract_type(named) or (is_object_type(named) and named.is_type_of is not None)
    return by_type or (step.resolve is not None and step.attribute is None)


def _info(step: FieldStep, number: str) -> str:
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


def _unusual(type_: GraphQLOutputType, non_null: bool) -> str | None:
    """When a value of a built-in scalar needs more than a copy; None for the types of which none is so plain."""
    named = get_nullable_type(type_)
    if not is_scalar_type(named):
        return None
    for scalar, condition in USUAL:
        if named is scalar or named.coerce_output_value is scalar.coerce_output_value:
            return condition if non_null else f"v is not None and {condition}"
    return None
