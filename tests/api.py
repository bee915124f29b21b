"""Operations as clients send them, through the executable schema and without a network."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import orjson

from db.convoys import Convoys
from db.unit_of_work import Command, SqlUnitOfWork
from domain.gateways import Gateways
from domain.idempotency import IdempotencyKey
from domain.identity.actor import Actor
from domain.payments.state import Rail
from domain.rate_limits import RateLimiter, Unlimited
from domain.sandbox import Sandbox
from domain.unit_of_work import UnitOfWork
from domain.uploads import Storage
from realtime.replay import LiveStreams
from resolvers.context import ApiContext, Registry
from resolvers.loaders import Loaders
from resolvers.settings_cache import SettingsCache
from schema.pages import CursorSigner
from tests.commands import Commands
from transport.asking import Asked
from transport.operations import Operations

P = TypeVar("P")


@dataclass(frozen=True)
class Answer:
    """What an operation answered: `data`, or top-level errors by their codes."""

    data: Any
    errors: list[dict[str, Any]]

    @property
    def codes(self) -> list[str]:
        """The codes of the top-level errors."""
        return [error["extensions"]["code"] for error in self.errors]


@dataclass(frozen=True, kw_only=True)
class ApiProcess:
    """What one process of the API has; its clock is the test's."""

    operations: Operations
    commands: Commands
    settings: SettingsCache
    gateways: Gateways
    live: LiveStreams
    registry: Registry
    storage: Storage
    open_rails: frozenset[Rail] = frozenset(Rail)
    sandbox: Sandbox | None = None
    limiter: RateLimiter = field(default_factory=Unlimited)

    def context(self, actor: Actor) -> ApiContext:
        """Fresh surroundings for one operation."""
        database = self.commands.database
        return ApiContext(
            actor=actor,
            request_id="req-1",
            open_unit_of_work=self._open,
            carry_together=self._carry_together,
            cursors=CursorSigner(b"only for tests"),
            limiter=self.limiter,
            loaders=Loaders(database, self.settings),
            database=database,
            settings=self.settings,
            gateways=self.gateways,
            live=self.live,
            registry=self.registry,
            storage=self.storage,
            open_rails=self.open_rails,
            clock=self.commands.clock,
            sandbox=self.sandbox,
        )

    def _open(
        self, actor: Actor, *, operation: str, request_id: str, once: IdempotencyKey | None
    ) -> AbstractAsyncContextManager[UnitOfWork]:
        command = self._command(actor, operation, request_id, once)
        return SqlUnitOfWork(self.commands.database, command, ring=lambda: None)

    async def _carry_together(
        self,
        carry: Callable[[UnitOfWork], Coroutine[Any, Any, P]],
        actor: Actor,
        *,
        operation: str,
        request_id: str,
        once: IdempotencyKey,
    ) -> P | None:
        return await self._convoys.carry_out(self._command(actor, operation, request_id, once), carry)

    @cached_property
    def _convoys(self) -> Convoys:
        return Convoys(self.commands.database, ring=lambda: None)

    def _command(self, actor: Actor, operation: str, request_id: str, once: IdempotencyKey | None) -> Command:
        return Command(
            actor=actor,
            operation=operation,
            request_id=request_id,
            now=self.commands.now,
            once=once,
            quotas=self.commands.quotas,
        )


class Api:
    """The API of one process, as one actor uses it."""

    def __init__(self, process: ApiProcess, actor: Actor) -> None:
        self._process, self._actor = process, actor

    def as_(self, actor: Actor) -> Api:
        """The same process, used by somebody else."""
        return Api(self._process, actor)

    def on(self, operations: Operations) -> Api:
        """The same process with operations that run otherwise."""
        return Api(replace(self._process, operations=operations), self._actor)

    def open_for(self, *rails: Rail) -> Api:
        """The same process where money may arrive by these rails only."""
        return Api(replace(self._process, open_rails=frozenset(rails)), self._actor)

    def driving(self, sandbox: Sandbox) -> Api:
        """The same process with a sandbox to drive."""
        return Api(replace(self._process, sandbox=sandbox), self._actor)

    async def run(self, document: str, **variables: Any) -> Answer:
        """Send one operation."""
        context = self._process.context(self._actor)
        # Variables travel as JSON, so they arrive as what JSON can say.
        asked = Asked(document, orjson.loads(orjson.dumps(variables)))
        answered = orjson.loads((await self._process.operations.execute(asked, context)).body)
        errors = [{"message": each["message"], "extensions": each["extensions"]} for each in answered.get("errors", ())]
        return Answer(answered.get("data"), errors)

    async def ask(self, document: str, **variables: Any) -> Any:
        """Send one operation that is answered without a top-level error."""
        answer = await self.run(document, **variables)
        assert answer.errors == []
        return answer.data

    async def command(self, field: str, selection: str, **given: Any) -> Any:
        """Send one mutation with its input; answers its payload with the errors in it."""
        kind = field[0].upper() + field[1:] + "Input"
        errors = "errors { __typename code message path retryable reason ... on ConflictError { currentVersion } }"
        document = f"mutation($input: {kind}!) {{ {field}(input: $input) {{ {selection} {errors} }} }}"
        return (await self.ask(document, input=given))[field]
