"""The door: takes and answers what `graphql.execute` does, by a compiled plan wherever there is one."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from types import CodeType
from typing import Any, Final

import graphql
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLSchema,
    MiddlewareManager,
    OperationDefinitionNode,
    validate_schema,
)
from graphql.pyutils import is_awaitable as default_is_awaitable

from execution.cache import Recent
from execution.collect import request_of
from execution.plan import Plan, answer
from execution.running import InfoAs, IsAwaitable, Run

PLANS_MAX: Final = 1_000
CODES_MAX: Final = 4_000
EXTENSION: Final = "execution.plans"
NEVER_COMPILED: Final = frozenset(
    {
        "abort_signal",
        "field_resolver",
        "hide_suggestions",
        "hooks",
        "is_async_iterable",
        "max_coercion_errors",
        "middleware",
        "subscribe_field_resolver",
        "type_resolver",
    }
)


def execute(  # noqa: PLR0913  # what `graphql.execute` takes
    schema: GraphQLSchema,
    document: DocumentNode,
    root_value: Any = None,
    context_value: Any = None,
    variable_values: dict[str, Any] | None = None,
    operation_name: str | None = None,
    *,
    is_awaitable: IsAwaitable | None = None,
    info_as: InfoAs | None = None,
    hide_suggestions: bool = False,
    **options: Any,
) -> ExecutionResult | Awaitable[ExecutionResult]:
    """Execute an operation of a document that was validated.

    The result comes at once when no resolver is asynchronous, else it is awaitable. Plans are kept with the schema by
    the document object, so parse a document once. Any further option of `graphql.execute` is honoured by graphql-core,
    which also executes what is not compiled.

    `info_as` is an addition: what resolvers are told, in another shape. With it an `executor_class` and options of its
    own do not keep an operation from being compiled: the caller says that `info_as` does what they are there for.
    """
    plan = plan_of(schema, document, operation_name) if may_be_compiled(options, info_as) else None
    if plan is not None:
        variables = plan.variables.coerced(variable_values, hide_suggestions=hide_suggestions)
        if isinstance(variables, list):
            return ExecutionResult(None, variables)
        compiled = plan.compiled(variables)
        if compiled is not None:
            run = Run(root_value, context_value, variables, is_awaitable or default_is_awaitable, info_as)
            return answer(compiled.answering, run)
    return graphql.execute(
        schema,
        document,
        root_value,
        context_value,
        variable_values,
        operation_name,
        is_awaitable=is_awaitable,
        hide_suggestions=hide_suggestions,
        **options,
    )


def plan_of(schema: GraphQLSchema, document: DocumentNode, operation_name: str | None = None) -> Plan | None:
    """The plan of this operation, made now if it was not known; None for what graphql-core executes itself."""
    plans = _plans(schema)
    key = (id(document), operation_name)
    kept = plans.recent.find(key)
    if kept is None or kept[0] is not document:  # the document is kept with its plan, so that its id stays its own
        kept = (document, _compiled(schema, document, operation_name))
        plans.recent.add(key, kept)
    return kept[1]


def compile_ahead(schema: GraphQLSchema, documents: Iterable[DocumentNode]) -> None:
    """Compile every operation of documents that are known before anybody asks; they have to be valid, and kept."""
    for document in documents:
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                plan = plan_of(schema, document, definition.name.value if definition.name else None)
                if plan is not None:
                    plan.compile_ahead()


def may_be_compiled(options: dict[str, Any], info_as: InfoAs | None) -> bool:
    """Whether the further options of a call ask for nothing that only graphql-core does."""
    return not any(
        _asks_for_something(option) for name, option in options.items() if info_as is None or name in NEVER_COMPILED
    )


def _asks_for_something(option: object) -> bool:
    if isinstance(option, MiddlewareManager):
        return bool(option.middlewares)
    return option is not None and option is not False


class _Plans:
    """The plans of one schema; a copy of the schema begins without."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self.recent: Recent[tuple[DocumentNode, Plan | None]] = Recent(PLANS_MAX)
        self.codes: Recent[CodeType] = Recent(CODES_MAX)

    def __deepcopy__(self, _: object) -> None:
        return None


def _plans(schema: GraphQLSchema) -> _Plans:
    plans = schema.extensions.get(EXTENSION)
    if not isinstance(plans, _Plans) or plans.schema is not schema:
        plans = schema.extensions[EXTENSION] = _Plans(schema)
    return plans


def _compiled(schema: GraphQLSchema, document: DocumentNode, operation_name: str | None) -> Plan | None:
    if validate_schema(schema) or schema.get_directive("defer") or schema.get_directive("stream"):
        return None
    request = request_of(schema, document, operation_name)
    return None if request is None else Plan(request, _plans(schema).codes)
