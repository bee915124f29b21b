"""The positions of an answer, and how a value becomes what stands there: the parts that need no source of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from graphql import (
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    Undefined,
    default_field_resolver,
    is_non_null_type,
    located_error,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path, inspect

from execution.arguments import Constant, arguments_of, no_arguments
from execution.classes import attribute_of
from execution.collect import Request
from execution.declared import Read, edge_of, is_pure, read_of
from execution.direct import direct_of
from execution.edges import Noted
from execution.running import Info, Run, finish, later, whole

Inner: TypeAlias = "Callable[[Run, Any, Info, Any], Any]"
Plain: TypeAlias = Callable[[Any], Any]


class Step:
    """A field of a selection, or the items of a list in it.

    `inner` completes what is neither null nor an error. `plain`, where there is one, does so without a run for values
    that need nothing else, and raises at any other. `above` is the position of the object or list that it belongs to;
    `many` says whether there is a list between it and the root. `fields` are those of an object of one type; a text
    among them is a response name for the name of the type. `item` is the position of a list's items. Where the schema
    leaves the type open, `plain_by_class` holds what `plain` would be for the classes of values that have come by.
    """

    __slots__ = (
        "above",
        "details",
        "fields",
        "inner",
        "item",
        "label",
        "many",
        "nodes",
        "non_null",
        "plain",
        "plain_by_class",
        "type",
    )

    inner: Inner
    plain: Plain | None
    fields: Sequence[FieldStep | str] | None

    def __init__(self, type_: GraphQLOutputType, details: FieldDetailsList, label: str, above: Step | None) -> None:
        self.type = type_
        self.details = details
        self.nodes = [detail.node for detail in details]
        self.non_null = is_non_null_type(type_)
        self.label = label
        self.above = above
        self.many = True
        self.plain = None
        self.plain_by_class: dict[type, Plain] = {}
        self.fields = None
        self.item: Step | None = None

    def complete(self, run: Run, path: Path, info: Info, value: Any) -> Any:
        """What the client gets for `value`, or a coroutine that answers it."""
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            if self.non_null:
                raise TypeError(f"Cannot return null for non-nullable field {self.label}.")
            return None
        return self.inner(run, path, info, value)

    def told(self, run: Run, path: Path) -> Any:
        """What a resolver is told of the field that `path` belongs to."""
        assert self.above is not None
        assert path.prev is not None
        return self.above.told(run, path.prev)


class FieldStep(Step):
    """One field of an object: where its value comes from and what its resolver is told."""

    __slots__ = (
        "arguments",
        "attribute",
        "direct",
        "edge",
        "field",
        "is_quick",
        "key",
        "parent",
        "pure",
        "read",
        "request",
        "resolve",
    )

    def __init__(
        self,
        request: Request,
        parent: GraphQLObjectType,
        key: str,
        field: GraphQLField,
        details: FieldDetailsList,
        above: Step | None,
    ) -> None:
        name = details[0].node.name.value
        super().__init__(field.type, details, f"{parent}.{name}", above)
        self.many = above is not None and above.many
        self.request = request
        self.parent = parent
        self.key = key
        self.field = field
        self.arguments = arguments_of(field, details[0].node)
        self.resolve = None if field.resolve is default_field_resolver else field.resolve
        self.attribute = attribute_of(field)
        self.read = read_of(field)
        self.edge = edge_of(field)
        self.is_quick = False
        self.direct = direct_of(field, request.schema)
        self.pure = self._bound() if is_pure(field) else None

    def _bound(self) -> Read | None:
        constant = self.arguments if isinstance(self.arguments, Constant) else None
        if self.direct is None or (constant is None and self.takes_arguments):
            return None
        return self.direct.bound(constant)

    def shown(self, run: Run, above: Path | None, value: Any) -> Any:
        """As `complete`, for the value of an edge of the object at `above`, and by reads alone where they do."""
        if self.plain is not None:
            try:
                return self.plain(value)
            except Exception:  # something unusual, which is completed with care, and fails there if it does
                pass
        return self.complete(run, tuple.__new__(Path, (above, self.key, self.parent.name)), None, value)

    @property
    def takes_arguments(self) -> bool:
        """Whether there is anything to coerce."""
        return self.arguments is not no_arguments

    def told(self, run: Run, path: Path) -> Any:
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


async def of_async(run: Run, item: Step, path: Path, info: Info, items: AsyncIterator[Any]) -> list[Any]:
    """A list that arrives item by item."""
    answers: list[Any] = []
    pending: list[int] = []
    noted = Noted()
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
                noted.join(run.taken())
            if run.awaitable(answer):
                pending.append(len(answers))
            answers.append(answer)
    except Exception:
        run.edges.clear()
        close = getattr(items, "aclose", None)
        if close is not None:
            with suppress(Exception):
                await close()
        run.abandon([answers[index] for index in pending])
        raise
    run.edges = noted  # of this piece of work, which ends here: nothing else ran since the last item
    completed: Any = whole(answers, pending) if pending else answers
    return await run.settled(completed, many=item.many)  # type: ignore[no-any-return]
