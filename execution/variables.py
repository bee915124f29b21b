"""Variables of an operation: what is usual is coerced by functions made once, everything else by graphql-core.

The functions know only values that are right. At any other they give up, and graphql-core coerces all variables anew
and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from graphql.utilities.coerce_input_value import coerce_default_value

from execution.collect import Request

ERRORS_MAX: Final = 50
DEPTH_MAX: Final = 16

Coerce: TypeAlias = Callable[[Any, int], Any]
"""From a value and how deep it lies to what resolvers get."""


class _Unusual(Exception):  # noqa: N818 – a sign between functions of this module, which nobody else sees
    """A value that is left to graphql-core."""


class Variables:
    """The variables that one operation declares."""

    def __init__(self, request: Request) -> None:
        self._schema = request.schema
        self._declared = request.operation.variable_definitions or ()
        self._coercions = _Coercions()
        self._usual = self._signed()

    def coerced(
        self, given: Mapping[str, Any] | None, *, hide_suggestions: bool = False
    ) -> VariableValues | list[GraphQLError]:
        """The values of a call, or what is wrong with them; `hide_suggestions`: no names that might have been meant."""
        if not self._declared:
            return VariableValues({}, {})
        try:
            return self._quickly(given or {})
        except Exception:  # graphql-core finds out what it was, and words it
            return get_variable_values(
                self._schema,
                self._declared,
                dict(given or {}),
                max_errors=ERRORS_MAX,
                hide_suggestions=hide_suggestions,
            )

    def _signed(self) -> list[tuple[str, Any, Coerce, bool]] | None:
        usual = []
        for node in self._declared:
            signature = get_variable_signature(self._schema, node)
            if isinstance(signature, GraphQLError):
                return None
            is_required = signature.default is None and is_non_null_type(signature.type)
            usual.append((signature.name, signature, self._coercions.of(signature.type), is_required))
        return usual

    def _quickly(self, given: Mapping[str, Any]) -> VariableValues:
        if self._usual is None:
            raise _Unusual
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for name, signature, coerce, is_required in self._usual:
            value = given.get(name, Undefined)
            if value is not Undefined:
                sources[name] = tuple.__new__(VariableValueSource, (signature, value))
                coerced[name] = coerce(value, 0)
                continue
            if is_required:
                raise _Unusual
            sources[name] = VariableValueSource(signature)
            default = Undefined if signature.default is None else coerce_default_value(signature)
            if default is not Undefined:
                coerced[name] = default
        return VariableValues(sources, coerced)


class _Coercions:
    """Functions by input types; types that contain themselves find the function that is being made."""

    def __init__(self) -> None:
        self._objects: dict[str, Coerce] = {}

    def of(self, type_: GraphQLInputType) -> Coerce:
        if is_non_null_type(type_):
            return self._given(type_.of_type)
        given = self._given(type_)
        return lambda value, depth: None if value is None else given(value, depth)

    def _given(self, type_: GraphQLInputType) -> Coerce:
        """For a value that is there."""
        if is_list_type(type_):
            return _list(self.of(type_.of_type))
        if is_input_object_type(type_):
            if type_.name not in self._objects:
                fields: list[_Field] = []
                self._objects[type_.name] = _object(type_, fields)
                fields += [
                    (name, one.out_name or name, self.of(one.type), one, is_required_input_field(one))
                    for name, one in type_.fields.items()
                ]
            return self._objects[type_.name]
        assert is_leaf_type(type_)
        return _leaf(type_)


_Field: TypeAlias = tuple[str, str, Coerce, Any, bool]


def _object(type_: GraphQLInputObjectType, fields: list[_Field]) -> Coerce:
    def coerce(value: Any, depth: int) -> Any:
        if type(value) is not dict or depth > DEPTH_MAX or type_.is_one_of or not value.keys() <= type_.fields.keys():
            raise _Unusual
        coerced: dict[str, Any] = {}
        for name, out_name, coerce_field, field, is_required in fields:
            found = value.get(name, Undefined)
            if found is not Undefined:
                coerced[out_name] = coerce_field(found, depth + 1)
            elif is_required:
                raise _Unusual
            else:
                default = coerce_default_value(field)
                if default is not Undefined:
                    coerced[out_name] = default
        return type_.out_type(coerced)

    return coerce


def _list(coerce_item: Coerce) -> Coerce:
    def coerce(value: Any, depth: int) -> Any:
        if type(value) is not list or depth > DEPTH_MAX:
            raise _Unusual
        return [coerce_item(item, depth + 1) for item in value]

    return coerce


def _leaf(type_: GraphQLLeafType) -> Coerce:
    is_usual = next((usual for scalar, usual in USUAL if type_ is scalar), None)

    def copy(value: Any, _: int) -> Any:
        assert is_usual is not None
        if not is_usual(value):
            raise _Unusual
        return value

    def coerce(value: Any, _: int) -> Any:
        # A scalar that takes any value would take null too, which only its place may allow.
        coerced = Undefined if value is None else type_.coerce_input_value(value)
        if coerced is Undefined:
            raise _Unusual
        return coerced

    return copy if is_usual else coerce


USUAL: Final[tuple[tuple[GraphQLLeafType, Callable[[Any], bool]], ...]] = (
    (GraphQLString, lambda value: type(value) is str),
    (GraphQLID, lambda value: type(value) is str),
    (GraphQLInt, lambda value: type(value) is int and -(2**31) <= value < 2**31),
    (GraphQLFloat, lambda value: type(value) is float and value - value == 0.0),
    (GraphQLBoolean, lambda value: value is True or value is False),
)
