"""Resolvers of strawberry called with what they ask for: the same arguments, by fewer hands.

strawberry prepares every call as if it were the first. Here what a call needs is found out once per plan; arguments are
converted by strawberry's own functions, its field extensions run in their order, and what resolvers are told is made
when they look at it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from graphql import GraphQLField, GraphQLSchema
from strawberry.extensions.field_extension import FieldExtension, build_field_extension_resolvers
from strawberry.types.field import StrawberryField

from execution.classes import DEFINITION, is_generated
from execution.inputs import Arguments

if TYPE_CHECKING:
    from graphql.pyutils import Path

    from execution.arguments import Constant
    from execution.running import Run
    from execution.steps import FieldStep


@dataclass(frozen=True, slots=True)
class Direct:
    """How a resolver is called: the parent by position or by names, the info by a name, and what is around it."""

    function: Callable[..., Any]
    is_method: bool
    parent_names: Sequence[str]
    info_name: str | None
    arguments: Arguments
    around: Sequence[Callable[..., Any]]
    info_class: type
    field: Any

    @property
    def is_told(self) -> bool:
        """Whether anybody asks for the info."""
        return self.info_name is not None or bool(self.around) or self.arguments.need_info

    def bound(self, arguments: Constant | None) -> Callable[[Any], Any] | None:
        """The call as a function of the parent alone, where there is nothing else to it."""
        if self.is_told or (arguments is not None and not arguments.are_immutable):
            return None
        given = self.arguments.convert(arguments.values, None) if arguments is not None else {}
        if self.is_method:
            return partial(self.function, **given) if given else self.function
        names = tuple(self.parent_names)
        return lambda source: self.function(**dict.fromkeys(names, source), **given)

    def info(self, run: Run, step: FieldStep, path: Path) -> Any:
        """strawberry's info."""
        return self.info_class(_raw_info=Told(run, step, path), _field=self.field)

    def within(self, source: Any, info: Any, given: dict[str, Any]) -> Any:
        """Call it within the extensions of its field, the last of which is the outermost."""
        for name in self.parent_names:
            given[name] = source
        is_asked_by_name = self.info_name == "info"
        if self.info_name is not None and not is_asked_by_name:
            given[self.info_name] = info

        def innermost(_source: Any, info: Any, **given: Any) -> Any:
            if is_asked_by_name:
                given["info"] = info
            return self.function(source, **given) if self.is_method else self.function(**given)

        chain: Callable[..., Any] = innermost
        for function in self.around:
            chain = partial(function, chain)
        return chain(source, info, **given)


class Told:
    """graphql-core's info of a field, made when something of it is read that is not known anyway."""

    __slots__ = ("_made", "_run", "_step", "context", "path")

    def __init__(self, run: Run, step: FieldStep, path: Path) -> None:
        self.context = run.context
        self.path = path
        self._run = run
        self._step = step
        self._made: Any = None

    @property
    def field_name(self) -> str:
        """The field's name in the schema."""
        return self._step.nodes[0].name.value

    def __getattr__(self, name: str) -> Any:
        if self._made is None:
            self._made = self._step.told(self._run, self.path)
        return getattr(self._made, name)


def direct_of(field: GraphQLField, schema: GraphQLSchema) -> Direct | None:
    """How this field's resolver is called directly; None where strawberry has to do it."""
    definition = field.extensions.get(DEFINITION)
    strawberry_schema = getattr(schema, "_strawberry_schema", None)
    if definition is None or strawberry_schema is None or not is_generated(field.resolve):
        return None
    return _direct(definition, strawberry_schema.schema_converter)


def _direct(field: Any, converter: Any) -> Direct | None:

    resolver = field.base_resolver
    if (
        resolver is None
        or field.is_subscription
        or type(field).get_result is not StrawberryField.get_result
        or converter._exception_handler_specs
        or any(type(extension).map_arguments is not FieldExtension.map_arguments for extension in field.extensions)
        or not callable(resolver.wrapped_func)
    ):
        return None
    parents = [parameter.name for parameter in (resolver.parent_parameter, resolver.root_parameter) if parameter]
    return Direct(
        function=resolver.wrapped_func,
        is_method=resolver.self_parameter is not None,
        parent_names=list(dict.fromkeys(parents)),
        info_name=resolver.info_parameter.name if resolver.info_parameter else None,
        arguments=Arguments.of(field.arguments, converter),
        around=build_field_extension_resolvers(field),
        info_class=converter.config.info_class,
        field=field,
    )
