"""A server in the shape of Stripe's payment intents, for development and tests: its paths, its checks, its idempotency
keys, its errors, and its signed events.

Cards are Stripe's own test cards: `pm_card_visa` and the others of `stripe_bodies.CARDS`. Each new intent is paid by
`pays_with` after two seconds, as an app would do it, unless `POST /sandbox/behaviours` said otherwise before.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from aiohttp import web

from integrations.sandbox.caller import Caller
from integrations.sandbox.driven import Driven
from integrations.sandbox.stripe_bodies import (
    BUSY,
    CARDS,
    IN_USE,
    INTERNAL,
    NO_KEY,
    Intent,
    StripeFault,
    dispute_of,
    event_of,
    faulty_field,
    no_such,
    not_cancellable,
    other_parameters,
)
from integrations.stripe.signatures import signature_of

PAYS_AFTER_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CardBehaviour:
    """What becomes of the next intent. `answer` is what its creation is answered with: `ok`; `busy` or `internal`, and
    nothing is created; `internal-accepted` or `slow`, and it is created nevertheless.

    It is confirmed by the card `pays_with` – none: nobody confirms it – after `after_seconds`; with `callback_first`
    before its creation is answered. Each event is sent `callbacks` times.
    """

    answer: str = "ok"
    pays_with: str | None = "pm_card_visa"
    after_seconds: float = PAYS_AFTER_SECONDS
    callbacks: int = 1
    callback_first: bool = False
    slow_seconds: float = 30.0


@dataclass(eq=False)
class StripeSandbox:
    """One account. `intents` is everything that was created, `kept` what idempotency keys were answered with."""

    secret_key: str
    public_key: str
    webhook_secret: str
    caller: Caller
    url: str = ""
    now: InitVar[Callable[[], datetime]] = lambda: datetime.now(UTC)
    usual: CardBehaviour = field(default_factory=CardBehaviour)
    intents: dict[str, Intent] = field(default_factory=dict)
    kept: dict[str, tuple[dict[str, str], int, Any]] = field(default_factory=dict)
    creations: int = 0
    _behaviours: list[CardBehaviour] = field(default_factory=list)
    _under_way: set[str] = field(default_factory=set)
    _plans: dict[str, CardBehaviour] = field(default_factory=dict)

    def __post_init__(self, now: Callable[[], datetime]) -> None:
        self.driven = Driven(now)

    def application(self) -> web.Application:
        """Its routes."""
        application = web.Application()
        application.router.add_post("/v1/payment_intents", self._create)
        application.router.add_get("/v1/payment_intents/{id}", self._retrieve)
        application.router.add_post("/v1/payment_intents/{id}/confirm", self._confirm)
        application.router.add_post("/v1/payment_intents/{id}/cancel", self._cancel)
        self.driven.add_to(application)
        application.router.add_get("/sandbox/authentications/{id}", self._authenticate)
        application.router.add_post("/sandbox/behaviours", self._behave)
        application.router.add_post("/sandbox/intents/{id}/answer", self._answer)
        application.router.add_post("/sandbox/disputes/{id}", self._dispute)
        application.router.add_get("/sandbox/intents", self._shown)
        application.on_cleanup.append(self.caller.hang_up)
        return application

    def next(self, **behaviour: Any) -> None:
        """How the next intent without a behaviour of its own goes."""
        self._behaviours.append(replace(self.usual, **behaviour))

    async def confirm(self, intent: Intent, card: str, *, callbacks: int = 1) -> None:
        """The payer's app confirms it by a card."""
        intent.attempt(CARDS[card], url=f"{self.url}/sandbox/authentications/{intent.id}")
        await self._tell(intent, callbacks=callbacks)

    async def authenticate(self, intent: Intent, *, succeeds: bool = True) -> None:
        """The payer proves who they are, or does not."""
        intent.authenticated(succeeds=succeeds)
        await self._tell(intent)

    async def tell(self, event: dict[str, Any], *, secret: str | None = None) -> None:
        """Send an event, signed now."""
        body, timestamp = orjson.dumps(event), str(int(self.driven.now().timestamp()))
        signature = signature_of(secret or self.webhook_secret, timestamp, body)
        await self.caller.call({"Stripe-Signature": f"t={timestamp},v1={signature}"}, body)

    async def _tell(self, intent: Intent, *, callbacks: int = 1) -> None:
        event = event_of(intent, at=self.driven.now())
        for _ in range(callbacks):
            await self.tell(event)
        if intent.card is not None and intent.card.is_disputed and intent.status == "succeeded":
            await self.tell(dispute_of(intent, at=self.driven.now()))

    async def _create(self, request: web.Request) -> web.Response:
        form, key = await _form_of(request), request.headers.get("Idempotency-Key")
        fault = self._refused(request) or faulty_field(form)
        if fault:  # what was not valid is not kept
            return fault.response()
        if key in self._under_way:
            return IN_USE.response()
        if key is not None and key in self.kept:
            first, status, body = self.kept[key]
            if first != form:
                return other_parameters().response()
            return web.json_response(body, status=status, headers={"Idempotent-Replayed": "true"})
        behaviour = self._behaviours.pop(0) if self._behaviours else self.usual
        if behaviour.answer == "busy":
            return BUSY.response()
        self._under_way.add(key or "")
        try:
            status, answer = await self._created(form, behaviour)
            if key is not None:
                self.kept[key] = (form, status, answer)
            if behaviour.answer == "slow":
                await asyncio.sleep(behaviour.slow_seconds)
        finally:
            self._under_way.discard(key or "")
        return web.json_response(answer, status=status)

    async def _created(self, form: dict[str, str], behaviour: CardBehaviour) -> tuple[int, Any]:
        if behaviour.answer == "internal":
            return INTERNAL.status, INTERNAL.body
        self.creations += 1
        intent = Intent.of(form, created=self.driven.now())
        self.intents[intent.id] = intent
        answer = (INTERNAL.status, INTERNAL.body) if behaviour.answer == "internal-accepted" else (200, intent.shown)
        if behaviour.callback_first and behaviour.pays_with:
            await self.confirm(intent, behaviour.pays_with, callbacks=behaviour.callbacks)
        else:
            self._plan(intent, behaviour)
        return answer

    def _plan(self, intent: Intent, behaviour: CardBehaviour) -> None:
        """In the place of what was planned before."""
        self._plans[intent.id] = behaviour
        if behaviour.pays_with:
            self.caller.later(self._pay(intent, behaviour))

    async def _pay(self, intent: Intent, behaviour: CardBehaviour) -> None:
        await self.driven.pass_time(behaviour.after_seconds)
        is_planned = self._plans.get(intent.id) is behaviour
        if is_planned and intent.is_confirmable and behaviour.pays_with:
            await self.confirm(intent, behaviour.pays_with, callbacks=behaviour.callbacks)

    async def _retrieve(self, request: web.Request) -> web.Response:
        intent = self.intents.get(request.match_info["id"])
        fault = self._refused(request) or (no_such(request.match_info["id"]) if intent is None else None)
        if fault or intent is None:
            return (fault or NO_KEY).response()
        return web.json_response(intent.shown)

    async def _confirm(self, request: web.Request) -> web.Response:
        form, intent = await _form_of(request), self.intents.get(request.match_info["id"])
        # As an app does it: by the publishable key and the intent's client secret.
        is_payer = form.get("key") == self.public_key or request.headers.get("Authorization") == (
            f"Bearer {self.public_key}"
        )
        if intent is None or not is_payer or form.get("client_secret") != intent.client_secret:
            return no_such(request.match_info["id"]).response()
        card = form.get("payment_method", "")
        if card not in CARDS:
            return no_such(card).response()
        if not intent.is_confirmable:
            return not_cancellable(intent).response()
        await self.confirm(intent, card)
        if intent.status == "requires_payment_method":
            return StripeFault(402, "card_error", "card_declined", "Your card was declined.").response()
        return web.json_response(intent.shown)

    async def _cancel(self, request: web.Request) -> web.Response:
        intent = self.intents.get(request.match_info["id"])
        fault = self._refused(request) or (no_such(request.match_info["id"]) if intent is None else None)
        if fault or intent is None:
            return (fault or NO_KEY).response()
        if intent.status in ("succeeded", "canceled", "processing"):
            return not_cancellable(intent).response()
        intent.status = "canceled"
        self.caller.later(self._tell(intent))
        return web.json_response(intent.shown)

    def _refused(self, request: web.Request) -> StripeFault | None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return None if secrets.compare_digest(given, self.secret_key) else NO_KEY

    async def _authenticate(self, request: web.Request) -> web.Response:
        intent = self.intents.get(request.match_info["id"])
        if intent is None or intent.status != "requires_action":
            return no_such(request.match_info["id"]).response()
        await self.authenticate(intent, succeeds="fail" not in request.query)
        return web.json_response({"status": intent.status})

    async def _answer(self, request: web.Request) -> web.Response:
        """The payer's app does so with an intent that may still be confirmed."""
        intent = self.intents.get(request.match_info["id"])
        if intent is None:
            return no_such(request.match_info["id"]).response()
        if not intent.is_confirmable:
            return web.json_response({"error": f"it has a status of {intent.status}"}, status=409)
        self._plan(intent, replace(self.usual, **{"after_seconds": 0.0, **await request.json()}))
        return web.json_response({})

    async def _dispute(self, request: web.Request) -> web.Response:
        intent = self.intents[request.match_info["id"]]
        given = await request.json()
        await self.tell(dispute_of(intent, at=self.driven.now(), **given))
        return web.json_response({})

    async def _behave(self, request: web.Request) -> web.Response:
        try:
            self.next(**await request.json())
        except TypeError as unknown:
            return web.json_response({"error": str(unknown)}, status=400)
        return web.json_response({"next": len(self._behaviours)})

    async def _shown(self, _: web.Request) -> web.Response:
        shown = [
            {**intent.shown, "events": [sent.status for sent in self.caller.sent]} for intent in self.intents.values()
        ]
        return web.json_response(shown)


async def _form_of(request: web.Request) -> dict[str, str]:
    return {name: str(value) for name, value in (await request.post()).items()}
