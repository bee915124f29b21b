"""The positions of an answer, and how a value becomes what stands there: the parts that need no source of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeAlias

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    Undefined,
    default_field_resolver,
    default_type_resolver,
    is_non_null_type,
    is_object_type,
    located_error,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path, inspect

from execution.arguments import arguments_of, no_arguments
from execution.collect import Request
from execution.running import Info, Run, finish, later, whole

Inner: TypeAlias = "Callable[[Run, Any, Info, Any], Any]"


class Step:
    """A field of a selection, or the items of a list in it. `inner` completes what is neither null nor an error."""

    __slots__ = ("details", "inner", "label", "nodes", "non_null", "type")

    inner: Inner

    def __init__(self, type_: GraphQLOutputType, details: FieldDetailsList, label: str) -> None:
        self.type = type_
        self.details = details
        self.nodes = [detail.node for detail in details]
        self.non_null = is_non_null_type(type_)
        self.label = label

    def complete(self, run: Run, path: Path, info: Info, value: Any) -> Any:
        """What the client gets for `value`, or a coroutine that answers it."""
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            if self.non_null:
                raise TypeError(f"Cannot return null for non-nullable field {self.label}.")
            return None
        return self.inner(run, path, info, value)


class FieldStep(Step):
    """One field of an object: where its value comes from and what its resolver is told."""

    __slots__ = ("arguments", "attribute", "field", "key", "parent", "request", "resolve")

    def __init__(
        self, request: Request, parent: GraphQLObjectType, key: str, field: GraphQLField, details: FieldDetailsList
    ) -> None:
        name = details[0].node.name.value
        super().__init__(field.type, details, f"{parent}.{name}")
        self.request = request
        self.parent = parent
        self.key = key
        self.field = field
        self.arguments = arguments_of(field, details[0].node)
        self.resolve = None if field.resolve is default_field_resolver else field.resolve
        self.attribute = _attribute(field)

    @property
    def takes_arguments(self) -> bool:
        """Whether there is anything to coerce."""
        return self.arguments is not no_arguments

    def info(self, run: Run, path: Path) -> Any:
        """What a resolver is told besides its arguments."""
        info = GraphQLResolveInfo[Any](
            field_name=self.nodes[0].name.value,
            field_nodes=self.nodes,
            return_type=self.type,
            parent_type=self.parent,
            path=path,
            schema=self.request.schema,
            fragments=self.request.definitions,
            root_value=run.root,
            operation=self.request.operation,
            variable_values=run.variables,
            context=run.context,
            is_awaitable=run.awaitable,
            abort_signal=None,
            async_helpers=run.helpers,
        )
        return info if run.info_as is None else run.info_as(info)


def _attribute(field: GraphQLField) -> str | None:
    """The attribute that strawberry reads for a field without a resolver of its own."""
    declared = field.extensions.get("strawberry-definition")
    if not getattr(field.resolve, "_is_default", False) or getattr(declared, "default_resolver", None) is not getattr:
        return None
    name = getattr(declared, "python_name", None)
    return name if isinstance(name, str) else None


def leaf(type_: GraphQLLeafType) -> Inner:
    """Scalars and enums: coerced, and never to null."""

    def complete(_run: Run, _path: Path, _info: Info, value: Any) -> Any:
        coerced = type_.coerce_output_value(value)
        if coerced is None or coerced is Undefined:
            raise TypeError(
                f"Expected `{inspect(type_)}.coerce_output_value({inspect(value)})`"
                f" to return non-nullable value, returned: {inspect(coerced)}"
            )
        return coerced

    return complete


def asked(step: Step, type_: GraphQLObjectType, fields: Inner) -> Inner:
    """An object whose type says for itself whether a value is one of its own."""
    is_type_of = type_.is_type_of
    assert is_type_of is not None

    def wrong(value: Any) -> GraphQLError:
        return GraphQLError(f"Expected value of type '{type_}' but got: {inspect(value)}.", step.nodes)

    async def when_told(told: Awaitable[bool], run: Run, path: Path, info: Info, value: Any) -> Any:
        if not await told:
            raise wrong(value)
        answers = fields(run, path, info, value)
        return await answers if run.awaitable(answers) else answers

    def complete(run: Run, path: Path, info: Info, value: Any) -> Any:
        assert info is not None
        told = is_type_of(value, info)
        if run.awaitable(told):
            return when_told(told, run, path, info, value)
        if not told:
            raise wrong(value)
        return fields(run, path, info, value)

    return complete


def abstract(
    step: Step, type_: GraphQLAbstractType, request: Request, compiled: Callable[[GraphQLObjectType], Inner]
) -> Inner:
    """An interface or a union: the selection is compiled for each type that really comes."""
    resolve = type_.resolve_type or default_type_resolver
    known: dict[str, Inner] = {}

    def of_type(name: Any, info: GraphQLResolveInfo[Any], value: Any) -> Inner:
        found = known.get(name) if isinstance(name, str) else None
        if found is None:
            runtime_type = _runtime_type(step, type_, request, name, value)
            found = known[runtime_type.name] = compiled(runtime_type)
        return found

    async def when_named(
        promised: Awaitable[Any], run: Run, path: Path, info: GraphQLResolveInfo[Any], value: Any
    ) -> Any:
        answers = of_type(await promised, info, value)(run, path, info, value)
        return await answers if run.awaitable(answers) else answers

    def complete(run: Run, path: Path, info: Info, value: Any) -> Any:
        assert info is not None
        name: Any = resolve(value, info, type_)
        if run.awaitable(name):
            return when_named(name, run, path, info, value)
        return of_type(name, info, value)(run, path, info, value)

    return complete


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


async def of_async(run: Run, item: Step, path: Path, info: Info, items: AsyncIterator[Any]) -> list[Any]:
    """A list that arrives item by item."""
    answers: list[Any] = []
    pending: list[int] = []
    try:
        while True:
            try:
                value = await anext(items)
            except StopAsyncIteration:
                break
            except Exception as raw:
                raise located_error(raw, item.nodes, path.as_list()) from raw
            item_path = path.add_key(len(answers))
            if run.awaitable(value):
                answer: Any = later(run, item, item_path, info, value)
            else:
                answer = finish(run, item, item_path, info, value)
            if run.awaitable(answer):
                pending.append(len(answers))
            answers.append(answer)
    except Exception:
        close = getattr(items, "aclose", None)
        if close is not None:
            with suppress(Exception):
                await close()
        run.abandon([answers[index] for index in pending])
        raise
    if pending:
        await whole(answers, pending)
    return answers
