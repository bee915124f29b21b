"""Python functions for the objects and the lists of an answer, written for one plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from textwrap import indent
from types import CodeType, CoroutineType, GeneratorType, WrapperDescriptorType
from typing import Any, Final

from graphql import GraphQLError, GraphQLObjectType, GraphQLResolveInfo, Undefined
from graphql.pyutils import Path, is_iterable

from execution.cache import Recent
from execution.classes import class_of
from execution.emit_fields import completion, field_source
from execution.emit_plain import item_source, parts_source
from execution.running import finish, finish_default, guarded, left_in, whole
from execution.steps import FieldStep, Inner, Plain, Step, of_async

OBJECT: Final = """\
def answer(run, path, info, source):
{before}
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

WITH_CARE: Final = """\
    try:
{parts}
        answers = {{{entries}}}
    except Exception:
        return carefully(run, path, info, source)
"""

PLAIN_OBJECT: Final = """\
def answer(source):
    if type(source) is not Class and ({asks} or special[type(source)]):
        raise Unusual
{parts}
    return {{{entries}}}
"""

PLAIN_LIST: Final = """\
def answer(value):
    if type(value) is not list and type(value) is not tuple:
        raise Unusual
    answers = []
    for v in value:
{item}
        answers.append(v)
    return answers
"""


class Special(dict[type, bool]):
    """Which classes of values may be more than a value: null, an error, something to call or to wait for."""

    def __missing__(self, class_: type) -> bool:
        said = self[class_] = (
            class_ is type(None)
            or class_.__name__ == "UndefinedType"
            or issubclass(class_, (Exception, CoroutineType, GeneratorType))
            or any(
                name in base.__dict__ for base in class_.__mro__ for name in ("__call__", "__await__", "__getattr__")
            )
            or type(class_.__getattribute__) is not WrapperDescriptorType  # written in Python
        )
        return said


class Mappings(dict[type, bool]):
    """Which classes of parents are read by key."""

    def __missing__(self, class_: type) -> bool:
        said = self[class_] = issubclass(class_, Mapping)
        return said


class Unusual(Exception):  # noqa: N818 – a sign between functions of a plan, which nobody else sees
    """A value that a plain function leaves to the careful one."""


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
            "Undefined": Undefined,
            "Unusual": Unusual,
            "whole": whole,
        }

    def object(self, type_: GraphQLObjectType, fields: Sequence[FieldStep | str]) -> Inner:
        """All fields of a selection on this type; a plain text is a response name for the name of the type.

        What is plain is read first, all at once. Where something about that is unusual, nothing has happened yet, and
        the fields are done one by one with care.
        """
        names: dict[str, Any] = {}
        parts, entries, others = parts_source(fields, type_, "v", names)
        if not parts:
            return self._careful(type_, fields)
        names["carefully"] = _when_needed(lambda: self._careful(type_, fields))
        before = WITH_CARE.format(parts=indent(parts, " " * 8), entries=entries)
        return self._object(before, [(number, fields[number]) for number in others], type_, names)

    def plain_object(self, type_: GraphQLObjectType, fields: Sequence[FieldStep | str]) -> Plain | None:
        """The object by reads alone; None when one of its fields needs more than that."""
        names: dict[str, Any] = {"Class": class_of(type_)}
        parts, entries, others = parts_source(fields, type_, "v", names)
        if others or (type_.is_type_of and names["Class"] is None):
            return None
        parts = indent(parts, " " * 4)
        text = PLAIN_OBJECT.format(asks=type_.is_type_of is not None, parts=parts, entries=entries)
        return self._function(text, names)

    def list(self, step: Step) -> Inner:
        """A list of which `step` is the item."""
        names = {
            "step": step,
            "inner": step.inner,
            "not_iterable": f"Expected Iterable, but did not find one for field '{step.label}'.",
        }
        text = LIST.format(item=indent(completion(step, "", names, at=None), " " * 16))
        return self._function(text, names)

    def plain_list(self, step: Step) -> Plain | None:
        """The same by reads alone, where its items need no more than that."""
        names: dict[str, Any] = {}
        item = item_source(step, "v", "0", names)
        if item is None:
            return None
        return self._function(PLAIN_LIST.format(item=indent(item, " " * 8)), names)

    def _careful(self, type_: GraphQLObjectType, fields: Sequence[FieldStep | str]) -> Inner:
        return self._object("    answers = {}", list(enumerate(fields)), type_, {})

    def _object(
        self,
        before: str,
        fields: Sequence[tuple[int, FieldStep | str]],
        type_: GraphQLObjectType,
        names: dict[str, Any],
    ) -> Inner:
        text = "".join(
            f"answers[{field!r}] = {type_.name!r}\n"
            if isinstance(field, str)
            else field_source(field, str(number), names)
            for number, field in fields
        )
        if "mapped" in text:
            before += "\n    mapped = mappings[type(source)]"
        return self._function(OBJECT.format(before=before, fields=indent(text or "pass\n", " " * 8)), names)

    def _function(self, source: str, names: dict[str, Any]) -> Callable[..., Any]:
        code = self._codes.find(source)
        if code is None:
            code = compile(source, "<plan>", "exec")
            self._codes.add(source, code)
        scope = {**self._shared, **names}
        exec(code, scope)  # every name of the document in it was checked or is quoted
        function: Callable[..., Any] = scope["answer"]
        return function


def _when_needed(make: Callable[[], Inner]) -> Inner:
    """A function that is written when it is called first."""
    made: list[Inner] = []

    def answer(run: Any, path: Any, info: Any, source: Any) -> Any:
        if not made:
            made.append(make())
        return made[0](run, path, info, source)

    return answer
