"""What strawberry's types say of the classes of values, so that a value's own class can answer for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from typing import Any, Final

from graphql import GraphQLAbstractType, GraphQLEnumType, GraphQLField, GraphQLObjectType, GraphQLSchema

DEFINITION: Final = "strawberry-definition"
# Where strawberry writes the functions of a type that declares none itself.
GENERATED: Final = frozenset({"strawberry.schema.schema_converter", "strawberry.types.union"})
CAST: Final = "__as_strawberry_type__"
# Where the code of an `__init__` says it stands that dataclasses wrote.
WRITTEN: Final = "<string>"
# What a class has whose instances do more than keep values, or are more than that to whoever is given one.
DOING_MORE: Final = ("__await__", "__getattr__", "__getattribute__", "__new__", "__post_init__", "__setattr__")


def attribute_of(field: GraphQLField) -> str | None:
    """The attribute that strawberry reads for a field without a resolver of its own."""
    declared = field.extensions.get(DEFINITION)
    if not getattr(field.resolve, "_is_default", False) or getattr(declared, "default_resolver", None) is not getattr:
        return None
    name = getattr(declared, "python_name", None)
    return name if isinstance(name, str) else None


def class_of(type_: GraphQLObjectType) -> type | None:
    """The class whose values are of this type without being asked; values of others may be, too."""
    definition = type_.extensions.get(DEFINITION)
    origin = getattr(definition, "origin", None)
    if type_.is_type_of is not None and not is_generated(type_.is_type_of):
        return None
    return origin if isinstance(origin, type) else None


def only_keeps(class_: type, names: Collection[str]) -> bool:
    """Whether an instance does nothing but keep, as attributes of these names, all that it is made of."""
    parameters = getattr(class_, "__dataclass_params__", None)
    own = {name for base in class_.__mro__[:-1] for name in vars(base)}
    return (
        parameters is not None
        and parameters.init
        and class_.__init__.__code__.co_filename == WRITTEN  # type: ignore[misc]  # it is that of a dataclass
        and {field.name for field in fields(class_) if field.init} == set(names)
        and own.isdisjoint((*names, *DOING_MORE))
    )


def is_named_by_class(type_: GraphQLAbstractType) -> bool:
    """Whether the type of a value follows from its class."""
    return type_.resolve_type is not None and is_generated(type_.resolve_type)


def is_class_of(class_: type, name: str, schema: GraphQLSchema) -> bool:
    """Whether every value of this class is of the type `name`; not where types are made by parameters."""
    definition = getattr(class_, "__strawberry_definition__", None)
    type_ = schema.get_type(name)
    if definition is None or type_ is None or getattr(definition, "is_graphql_generic", True):
        return False
    return type_.extensions.get(DEFINITION) is definition


def is_cast(value: Any) -> bool:
    """Whether strawberry was told to take the value for one of another type."""
    return hasattr(value, CAST)


def members_of(type_: GraphQLEnumType) -> tuple[type, dict[str, str]] | None:
    """The class of an enum of strawberry, and what is answered for its members by their names in Python."""
    class_ = getattr(type_, "wrapped_cls", None)
    if not isinstance(class_, type):
        return None
    members: dict[str, Any] = getattr(class_, "__members__", {})
    try:
        return class_, {member.name: type_.coerce_output_value(member) for member in members.values()}
    except Exception:  # a member that the schema does not have is told when it is met
        return None


def is_generated(function: Any) -> bool:
    """Whether strawberry wrote it, for a type or a field that declares none."""
    return getattr(function, "__module__", None) in GENERATED
