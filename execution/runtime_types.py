"""Which object type a value is of, where the schema leaves it open or the type is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLObjectType,
    default_type_resolver,
    is_object_type,
)
from graphql.pyutils import Path, inspect

from execution.classes import class_of, is_cast, is_class_of, is_named_by_class
from execution.collect import Request
from execution.running import Info, Run
from execution.steps import Inner, Plain, Step


def asked(step: Step, type_: GraphQLObjectType, fields: Inner) -> Inner:
    """An object whose type says for itself whether a value is one of its own."""
    is_type_of = type_.is_type_of
    assert is_type_of is not None
    class_ = class_of(type_)

    def wrong(value: Any) -> GraphQLError:
        return GraphQLError(f"Expected value of type '{type_}' but got: {inspect(value)}.", step.nodes)

    async def when_told(said: Awaitable[bool], run: Run, path: Path, info: Info, value: Any) -> Any:
        if not await said:
            raise wrong(value)
        return await _completed(fields, step, run, path, info, value)

    def complete(run: Run, path: Path, info: Info, value: Any) -> Any:
        if type(value) is class_:
            return fields(run, path, info, value)
        info = info or step.told(run, path)
        said = is_type_of(value, info)
        if run.awaitable(said):
            return when_told(said, run, path, info, value)
        if not said:
            raise wrong(value)
        return fields(run, path, info, value)

    return complete


def abstract(
    step: Step,
    type_: GraphQLAbstractType,
    request: Request,
    compiled: Callable[[GraphQLObjectType], tuple[Inner, Plain | None]],
) -> Inner:
    """An interface or a union: the selection is compiled for each type that really comes."""
    resolve = type_.resolve_type or default_type_resolver
    known: dict[str, tuple[Inner, Plain | None]] = {}
    by_class: dict[type, Inner] = {}
    names_by_class = is_named_by_class(type_)

    def of_type(name: Any, value: Any) -> Inner:
        found = known.get(name) if isinstance(name, str) else None
        if found is None:
            runtime_type = _runtime_type(step, type_, request, name, value)
            found = known[runtime_type.name] = compiled(runtime_type)
        inner, plain = found
        if names_by_class and is_class_of(type(value), name, request.schema):
            by_class[type(value)] = inner
            if plain is not None:
                step.plain_by_class[type(value)] = plain
        return inner

    async def when_named(promised: Awaitable[Any], run: Run, path: Path, info: Info, value: Any) -> Any:
        return await _completed(of_type(await promised, value), step, run, path, info, value)

    def complete(run: Run, path: Path, info: Info, value: Any) -> Any:
        found = by_class.get(type(value))
        if found is not None and not is_cast(value):
            return found(run, path, info, value)
        info = info or step.told(run, path)
        name: Any = resolve(value, info, type_)
        if run.awaitable(name):
            return when_named(name, run, path, info, value)
        return of_type(name, value)(run, path, info, value)

    return complete


async def _completed(fields: Inner, step: Step, run: Run, path: Path, info: Info, value: Any) -> Any:
    try:
        answers = fields(run, path, info, value)
    except Exception:
        run.edges.clear()
        raise
    return await run.settled(answers, many=step.many)


def _runtime_type(step: Step, type_: GraphQLAbstractType, request: Request, name: Any, value: Any) -> GraphQLObjectType:
    unresolved = f"Abstract type '{type_}' must resolve to an Object type at runtime for field '{step.label}'"
    if name is None:
        raise GraphQLError(
            f"{unresolved}. Either the '{type_}' type should provide a 'resolve_type' function"
            " or each possible type should provide an 'is_type_of' function.",
            step.nodes,
        )
    if not isinstance(name, str):
        raise GraphQLError(
            f"{unresolved} with value {inspect(value)}, received '{inspect(name)}',"
            " which is not a valid Object type name.",
            step.nodes,
        )
    found = request.schema.get_type(name)
    resolved = f"Abstract type '{type_}' was resolved to a"
    if found is None:
        raise GraphQLError(f"{resolved} type '{name}' that does not exist inside the schema.", step.nodes)
    if not is_object_type(found):
        raise GraphQLError(f"{resolved} non-object type '{name}'.", step.nodes)
    if not request.schema.is_sub_type(type_, found):
        raise GraphQLError(f"Runtime Object type '{found}' is not a possible type for '{type_}'.", step.nodes)
    return found
