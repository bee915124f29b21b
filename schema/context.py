"""What a field may ask while it is answered: the actor, the loaders, a unit of work, the request's name."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from domain.clock import Clock
from domain.idempotency import IdempotencyKey
from domain.identity.actor import Actor
from domain.identity.api_key import ActingKey
from domain.plain import Plain
from domain.rate_limits import RateLimiter
from domain.unit_of_work import UnitOfWork
from schema.pages import CursorSigner

P = TypeVar("P")


class OpenUnitOfWork(Protocol):
    """Opens the transaction of one command."""

    def __call__(
        self, actor: Actor, *, operation: str, request_id: str, once: IdempotencyKey | None
    ) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work that commits when left without an exception."""
        ...


class CarryTogether(Protocol):
    """Carries a command out in one commit with others of the same moment, where that goes smoothly."""

    async def __call__(
        self,
        carry: Callable[[UnitOfWork], Coroutine[Any, Any, P]],
        actor: Actor,
        *,
        operation: str,
        request_id: str,
        once: IdempotencyKey,
    ) -> P | None:
        """What it answered, committed; None where nothing was done and it is to be carried out by itself."""
        ...


@dataclass(kw_only=True)
class Context:
    """One operation's surroundings: made anew for every request and for every operation of a socket."""

    actor: Actor
    request_id: str
    open_unit_of_work: OpenUnitOfWork
    carry_together: CarryTogether
    cursors: CursorSigner
    limiter: RateLimiter
    clock: Clock
    loaders: Any = None
    extensions: dict[str, Plain] = field(default_factory=dict)
    operation: str = ""
    once: IdempotencyKey | None = None
    key_in_header: str | None = None
    """What the request's `Idempotency-Key` says; it repeats the argument, and never stands for it."""

    @property
    def api_key(self) -> ActingKey | None:
        """The key that a program acts by; None for people and for nobody."""
        return self.actor.key

    async def use_signature(self) -> None:
        """Asked before a mutation field is answered, and before a subscription begins.

        Raises:
            SignatureReplayed: the request was sent before, by whom nobody knows.
        """

    def forget_loaded(self) -> None:
        """Load anew from here on; a context with loaders says how."""

    def unit_of_work(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """The transaction of the mutation field that is being answered; root mutations run one after another."""
        return self.open_unit_of_work(self.actor, operation=self.operation, request_id=self.request_id, once=self.once)

    async def carried_out(self, carry: Callable[[UnitOfWork], Coroutine[Any, Any, P]]) -> P:
        """What a command that remembers its answer answers, once it is committed; with others of its moment, if it can.

        It may be begun more than once, so it does nothing past its unit of work.
        """
        assert self.once is not None, "a command without a key may not be begun twice"
        answer = await self.carry_together(
            carry, self.actor, operation=self.operation, request_id=self.request_id, once=self.once
        )
        if answer is not None:
            return answer
        async with self.unit_of_work() as uow:
            return await carry(uow)
