"""Operations on the compiler of `execution/`, as strawberry asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphql
from graphql import DocumentNode, GraphQLResolveInfo, GraphQLSchema

# strawberry's own shape of what resolvers are told; it offers no public way to build it.
from strawberry.schema.schema import _OperationContextAwareGraphQLResolveInfo as ResolveInfo

from execution.execute import execute
from execution.mode import ExecutionMode
from resolvers.prepared import Prepared


def compiled(prepared: Prepared, *, mode: ExecutionMode) -> Callable[..., Any]:
    """An execute function for strawberry. A document that comes once is not worth compiling, unless it is eager."""

    def run(schema: GraphQLSchema, document: DocumentNode, **options: Any) -> Any:
        if mode is not ExecutionMode.EAGER and not prepared.is_known(document):
            return graphql.execute(schema, document, **options)
        extensions = options.pop("operation_extensions", None)
        options.pop("executor_class", None)  # it only builds what resolvers are told, which `told` does

        def told(info: GraphQLResolveInfo[Any]) -> Any:
            return ResolveInfo(*info[:9], info[9].coerced, *info[10:], operation_extensions=extensions)

        return execute(schema, document, info_as=told, **options)

    return run
