"""How an operation is declared: who may call it, whether it is done only once, and how its refusals are told.

These are the only places with a FieldExtension. `access` has no default, so an operation without one cannot be built.
"""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import typing
from collections.abc import AsyncIterable, Awaitable, Callable, Hashable, Sequence
from functools import cache, cached_property, partial
from operator import attrgetter
from typing import Any, TypeVar

import strawberry
from strawberry.extensions.field_extension import FieldExtension

from domain.errors import DomainError, FieldFault, InvalidInput
from domain.idempotency import IdempotencyKey, Replayed
from domain.plain import Plain, from_plain, to_plain
from schema.access import ANYONE, Access
from schema.context import Context
from schema.errors import Payload, errors_of, top_level
from schema.traits import UNSAID, Traits

Info = strawberry.Info[Any, None]
R = TypeVar("R")
P = TypeVar("P", bound=Payload)


class QueryGate(FieldExtension):
    """Checks access, then turns a refusal of the domain into a top-level error."""

    def __init__(self, access: Access) -> None:
        self.access = access

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **kwargs: Any) -> Any:
        """Answer, or refuse with a code."""
        context: Context = info.context
        self.access.check(context.actor)
        try:
            return await next_(source, info, **kwargs)
        except DomainError as refusal:
            raise top_level(refusal, request_id=context.request_id) from refusal


class SubscriptionGate(FieldExtension):
    """Checks access before anything is listened to; a refusal ends the subscription with a top-level error."""

    def __init__(self, access: Access) -> None:
        self.access = access

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **kwargs: Any) -> Any:
        """The stream, or a refusal with a code."""
        context: Context = info.context
        self.access.check(context.actor)
        try:
            await context.use_signature()
            return await next_(source, info, **kwargs)
        except DomainError as refusal:
            raise top_level(refusal, request_id=context.request_id) from refusal


class MutationGate(FieldExtension):
    """Checks access, names the command, replays one that was carried out, and puts refusals into the payload."""

    def __init__(self, access: Access, resolver: Callable[..., Awaitable[Payload]], *, once: bool) -> None:
        self.access = access
        self.once = once
        self._resolver = resolver

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **kwargs: Any) -> Any:
        """The payload: of this run, or of the run that the idempotency key remembers."""
        context: Context = info.context
        self.access.check(context.actor)
        context.operation, context.once = info.field_name, None
        # The command before it in the same document may have changed what was loaded for that one's answer.
        context.forget_loaded()
        try:
            await context.use_signature()
            if self.once:
                require_same_key(context, kwargs["input"])
                context.once = idempotency_key_of(context, kwargs["input"])
            return await next_(source, info, **kwargs)
        except Replayed as replayed:
            context.extensions["idempotency"] = {"replayed": True}
            return from_plain(self._payload, replayed.answer)
        except DomainError as refusal:
            return self._payload(errors=errors_of(refusal, request_id=context.request_id))

    @cached_property
    def _payload(self) -> type[Payload]:
        payload: type[Payload] = typing.get_type_hints(self._resolver)["return"]
        return payload


def query(*, access: Access, traits: Traits = UNSAID) -> Callable[[Callable[..., Awaitable[R]]], R]:
    """A root field that reads; its docstring is its description."""
    is_open = traits.cached_for is None and not traits.same_for_all
    assert is_open or access is ANYONE, "what everybody gets is nobody's secret"

    def declare(resolver: Callable[..., Awaitable[R]]) -> R:
        return _field(resolver, access, QueryGate(access), traits)

    return declare


def mutation(
    *, access: Access, once: bool = False, traits: Traits = UNSAID
) -> Callable[[Callable[..., Awaitable[P]]], P]:
    """A root field that commands. `once`: its input carries an idempotencyKey, and it remembers its payload."""

    def declare(resolver: Callable[..., Awaitable[P]]) -> P:
        return _field(resolver, access, MutationGate(access, resolver, once=once), traits)

    return declare


def subscription(*, access: Access) -> Callable[[Callable[..., Awaitable[AsyncIterable[R]]]], R]:
    """A root field that goes on answering; the resolver answers what can be listened to."""

    def declare(resolver: Callable[..., Awaitable[AsyncIterable[R]]]) -> R:
        field: Any = strawberry.subscription(
            resolver=resolver,
            description=inspect.getdoc(resolver),
            directives=[access.directive],
            extensions=[SubscriptionGate(access)],
        )
        return typing.cast(R, field)  # a class attribute of the root type, never used as a value

    return declare


def _field(resolver: Callable[..., Awaitable[R]], access: Access, gate: FieldExtension, traits: Traits) -> R:
    field: Any = strawberry.field(
        resolver=resolver,
        description=inspect.getdoc(resolver),
        directives=[access.directive, *traits.directives],
        metadata=traits.metadata,
        extensions=[gate],
    )
    return typing.cast(R, field)  # a class attribute of the root type, never used as a value


@dataclasses.dataclass(frozen=True, slots=True)
class Edge:
    """How a field leads to another thing: its key, the loader that answers keys in batches, who may follow it, and what
    answers a key at once if it can.
    """

    key: Callable[[Any], Hashable | None]
    loader: str
    check: Callable[[Any], None] | None
    known: Callable[[Any, Any], Any] | None = None

    def batch(self, context: Any) -> Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]:
        """What answers many keys at once, each at its place."""
        load: Callable[[Sequence[Any]], Awaitable[Sequence[Any]]] = getattr(context.loaders, self.loader).load_fn
        return load if self.check is None else partial(_told_at_top_level, load, context)


async def _told_at_top_level(load: Callable[..., Awaitable[Any]], context: Context, keys: Sequence[Any]) -> Any:
    """As a gate tells the refusals of what is behind it."""
    try:
        return await load(keys)
    except DomainError as refusal:
        raise top_level(refusal, request_id=context.request_id) from refusal


def edge(
    *,
    key: str | Callable[[Any], Hashable | None],
    loader: str,
    access: Access | None = None,
    is_often_known: bool = False,
) -> Any:
    """A field that leads to another thing by `key`; keys of one answer are loaded in one batch.

    A null key is a null edge. With `access`, those who may not are refused as at a root field. Where what it leads to
    `is_often_known`, the loaders have a method `known_<loader>` too, for what is in memory already.
    """
    key_of: Callable[[Any], Hashable | None] = attrgetter(key) if isinstance(key, str) else key
    known_name = f"known_{loader}"

    async def resolve(root: Any, info: Info) -> Any:
        value = key_of(root)
        # Who awaits a key together with others must not cancel it for them when something beside it fails.
        return None if value is None else await asyncio.shield(getattr(info.context.loaders, loader).load(value))

    def known(context: Context, value: Hashable) -> Any:
        return getattr(context.loaders, known_name)(value)

    def check(context: Context) -> None:
        assert access is not None
        access.check(context.actor)

    return strawberry.field(
        resolver=resolve,
        metadata={"edge": Edge(key_of, loader, check if access else None, known if is_often_known else None)},
        directives=[access.directive] if access else [],
        extensions=[QueryGate(access)] if access else [],
    )


def require_same_key(context: Context, command: Any) -> None:
    """Refuse a command whose request names another key in its header: a proxy and we would not mean the same one.

    Raises:
        InvalidInput: the header and the argument differ.
    """
    if context.key_in_header not in (None, command.idempotency_key):
        raise InvalidInput(FieldFault(("idempotencyKey",), "is not what the header Idempotency-Key says"))


def idempotency_key_of(context: Context, command: Any) -> IdempotencyKey:
    """The key of the command that the context names, by its input. Raises InvalidInput."""
    return IdempotencyKey.of(
        actor=context.actor.label,
        operation=context.operation,
        key=command.idempotency_key,
        arguments=_arguments(command, leave_out="idempotency_key"),
    )


def _arguments(value: Any, *, leave_out: str = "") -> Plain:
    """The canonical input: what was left unset is left out, so that it equals not having been sent."""
    if isinstance(value, list):
        return [_arguments(item) for item in value]
    names = _field_names(value.__class__)
    if names is None:
        return to_plain(value)
    fields = {name: getattr(value, name) for name in names if name != leave_out}
    return {
        name: part if type(part) is str else _arguments(part)
        for name, part in fields.items()
        if part is not strawberry.UNSET and part is not None
    }


@cache
def _field_names(kind: type) -> tuple[str, ...] | None:
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else None
