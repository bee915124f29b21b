"""Arguments of resolvers of strawberry: from coerced values to what a function takes, as strawberry converts them.

How a type is converted is found out once. Types that build their own value, and `Maybe`, are left to strawberry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass
from typing import Any, Final, TypeAlias

from strawberry import UNSET
from strawberry.relay.types import GlobalID
from strawberry.types.arguments import _is_leaf_type, convert_argument
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, has_object_definition
from strawberry.types.lazy_type import LazyType

ABSENT: Final = object()

Convert: TypeAlias = Callable[[Any], Any]
"""From a coerced value that is neither null nor unset."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a function takes: names in the schema and in Python, types, and how they are converted.

    None as the conversion: it is taken as it is. A type that only strawberry converts is its own conversion.
    """

    named: Sequence[tuple[str, str, Any, Convert | LeftToStrawberry | None]]
    converter: Any

    @classmethod
    def of(cls, arguments: Sequence[Any], converter: Any) -> Arguments:
        """From the arguments of a field of strawberry."""
        name_of, conversions = converter.config.name_converter.from_argument, _Conversions(converter)
        return cls(
            [(name_of(one), one.python_name, one.type, conversions.of(one.type)) for one in arguments], converter
        )

    @property
    def need_info(self) -> bool:
        """Whether one of them is converted by strawberry, which may look at the info."""
        return any(isinstance(convert, LeftToStrawberry) for _, _, _, convert in self.named)

    def convert(self, given: Mapping[str, Any], info: Any) -> dict[str, Any]:
        """From coerced arguments to what the function takes; what was not given is left to its default."""
        converted: dict[str, Any] = {}
        for name, python_name, type_, convert in self.named:
            value = given.get(name, ABSENT)
            if value is ABSENT:
                continue
            if isinstance(convert, LeftToStrawberry):
                converted[python_name] = self._converted(value, type_, name, info)
            else:
                converted[python_name] = value if convert is None or value is None or value is UNSET else convert(value)
        return converted

    def _converted(self, value: Any, type_: Any, name: str, info: Any) -> Any:
        return convert_argument(
            value=value,
            type_=type_,
            config=self.converter.config,
            scalar_registry=self.converter.scalar_registry,
            info=info,
            path=(name,),
        )


class LeftToStrawberry(Exception):  # noqa: N818 – says what is so, to the code that asked
    """A type with a conversion of its own."""


class _Conversions:
    """Conversions by type; input types that contain themselves find the one that is being made."""

    def __init__(self, converter: Any) -> None:
        self._converter = converter
        self._objects: dict[Any, Convert] = {}

    def of(self, type_: Any) -> Convert | LeftToStrawberry | None:
        try:
            return self._of(type_)
        except LeftToStrawberry as left:
            self._objects.clear()  # may hold some that are not finished
            return left

    def _of(self, type_: Any) -> Convert | None:
        if isinstance(type_, StrawberryMaybe):
            raise LeftToStrawberry
        if isinstance(type_, StrawberryOptional):
            return self._of(type_.of_type)
        if isinstance(type_, StrawberryList):
            return self._list(type_.of_type)
        if type_ is GlobalID:
            raise LeftToStrawberry
        if _is_leaf_type(type_, self._converter.scalar_registry):
            return None
        if isinstance(type_, LazyType):
            return self._of(type_.resolve_type())
        if has_object_definition(type_) and type_.__strawberry_definition__.from_input is None:
            return self._object(type_)
        raise LeftToStrawberry

    def _list(self, of_type: Any) -> Convert:
        convert = self._of(of_type)
        if convert is None:
            return list  # a copy: the default of an argument is the same list in every call
        return lambda values: [value if value is None or value is UNSET else convert(value) for value in values]

    def _object(self, type_: Any) -> Convert:
        if type_ in self._objects:
            return self._objects[type_]
        definition = type_.__strawberry_definition__
        fields: list[tuple[str, str, Convert | None]] = []
        # As strawberry does: fields without a default of their own may be left out where null is allowed.
        implicit = {
            field.python_name: None
            for field in definition.fields
            if definition.is_input and field.default_value is MISSING and field.default_factory is MISSING
        }

        def convert(value: Mapping[str, Any]) -> Any:
            given: dict[str, Any] = dict(implicit)
            for name, python_name, convert_field in fields:
                found = value.get(name, ABSENT)
                if found is not ABSENT:
                    as_it_is = convert_field is None or found is None or found is UNSET
                    given[python_name] = found if as_it_is else convert_field(found)  # type: ignore[misc]
            return type_(**given)

        self._objects[type_] = convert
        for field in definition.fields:
            field_type = field.resolve_type(type_definition=definition)
            name = self._converter.config.name_converter.from_field(field)
            fields.append((name, field.python_name, self._of(field_type)))
        return convert
