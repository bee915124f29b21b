"""A server in the shape of Daraja, for development and tests: its paths, its checks, its errors, and its callbacks.

Every prompt is answered after two seconds with the PIN, unless `POST /sandbox/behaviours` said otherwise before.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp
from aiohttp import web

from integrations.mpesa.account import EAST_AFRICA
from integrations.sandbox.daraja_bodies import (
    Fault,
    Prompt,
    accepted,
    callback_of,
    faulty_field,
    query_answer,
    require_basic,
)
from integrations.sandbox.daraja_key import SandboxKey
from integrations.sandbox.daraja_payouts import PayoutDesk
from integrations.sandbox.driven import Driven

TOKEN_SECONDS: Final = 3599
PAID: Final = "0"
PAYS_AFTER_SECONDS: Final = 2.0
UNREACHABLE: Final = "1037"
CALLBACK_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
NO_TOKEN: Final = Fault(404, "404.001.03", "Invalid Access Token")
PROCESSING: Final = Fault(500, "500.001.1001", "The transaction is being processed")
INTERNAL: Final = Fault(500, "500.003.1001", "Internal Server Error")
BUSY: Final = Fault(500, "500.003.02", "System is busy. Please try again in few minutes.")
LOCKED: Final = Fault(
    500, "500.001.1001", "Unable to lock subscriber, a transaction is already in process for the current subscriber"
)
REFUSALS: Final = {"busy": BUSY, "locked": LOCKED, "internal": INTERNAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What becomes of the next prompt. `answer` is what the push is answered with: `ok`; `busy`, `locked` or
    `internal`, and nothing is accepted; `internal-accepted` or `slow`, and it is accepted nevertheless.

    The result `code` is known after `after_seconds` – `silent`: never – and told by `callbacks` callbacks; with
    `callback_first` before the push is answered.
    """

    answer: str = "ok"
    code: str = PAID
    after_seconds: float = PAYS_AFTER_SECONDS
    callbacks: int = 1
    callback_first: bool = False
    silent: bool = False
    slow_seconds: float = 30.0


@dataclass(eq=False)
class DarajaSandbox:
    """One server. `prompts` is everything that was accepted, `refused` counts what was not."""

    consumer_key: str
    consumer_secret: str
    short_code: str
    passkey: str
    now: InitVar[Callable[[], datetime]] = lambda: datetime.now(UTC)
    usual: Behaviour = field(default_factory=Behaviour)
    prompts: dict[str, Prompt] = field(default_factory=dict)
    payouts: PayoutDesk | None = None
    refused: int = 0
    tokens_given: int = 0
    _behaviours: list[Behaviour] = field(default_factory=list)
    _tokens: dict[str, datetime] = field(default_factory=dict)
    _calling: dict[Prompt, asyncio.Task[None]] = field(default_factory=dict)

    def __post_init__(self, now: Callable[[], datetime]) -> None:
        self.driven = Driven(now)

    def application(self) -> web.Application:
        """Its routes."""
        application = web.Application()
        application.router.add_get("/oauth/v1/generate", self._token)
        application.router.add_post("/mpesa/stkpush/v1/processrequest", self._push)
        application.router.add_post("/mpesa/stkpushquery/v1/query", self._query)
        self.driven.add_to(application)
        if self.payouts:
            self.payouts.add_to(application)
        application.router.add_post("/sandbox/behaviours", self._behave)
        application.router.add_post("/sandbox/prompts/{checkout}/answer", self._answer)
        application.router.add_post("/sandbox/tokens/expire", self._expire_tokens)
        application.router.add_get("/sandbox/prompts", self._shown)
        application.on_cleanup.append(self._hang_up)
        return application

    def pay_phones(self, *, short_code: str, initiator: str, password: str, key: SandboxKey) -> PayoutDesk:
        """Pay phones as well, from another short code."""
        self.payouts = PayoutDesk(
            short_code=short_code,
            initiator=initiator,
            password=password,
            key=key,
            driven=self.driven,
            refused=self._refused,
        )
        return self.payouts

    def next(self, **behaviour: Any) -> None:
        """How the next prompt without a behaviour of its own goes."""
        self._behaviours.append(replace(self.usual, **behaviour))

    def expire_tokens(self) -> None:
        """No token that was given is good any more."""
        self._tokens.clear()

    async def _token(self, request: web.Request) -> web.Response:
        fault = require_basic(request, self.consumer_key, self.consumer_secret)
        if fault:
            return fault.response()
        token = secrets.token_hex(14)
        self.tokens_given += 1
        self._tokens[token] = self.driven.now() + timedelta(seconds=TOKEN_SECONDS)
        return web.json_response({"access_token": token, "expires_in": TOKEN_SECONDS})

    def _refused(self, request: web.Request) -> Fault | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        until = self._tokens.get(token)
        return NO_TOKEN if scheme != "Bearer" or until is None or self.driven.now() >= until else None

    async def _push(self, request: web.Request) -> web.Response:
        body = await request.json()
        fault = self._refused(request) or faulty_field(body, short_code=self.short_code, passkey=self.passkey)
        if fault:
            self.refused += 1
            return fault.response()
        behaviour = self._behaviours.pop(0) if self._behaviours else self.usual
        if behaviour.answer in REFUSALS:
            self.refused += 1
            return REFUSALS[behaviour.answer].response()
        prompt = self._shown_to(body, behaviour)
        if behaviour.callback_first:
            await self._call_back(prompt, behaviour.callbacks)
        else:
            self._call_back_later(prompt, behaviour)
        if behaviour.answer == "slow":
            await asyncio.sleep(behaviour.slow_seconds)
        if behaviour.answer == "internal-accepted":
            return INTERNAL.response()
        return web.json_response(accepted(prompt))

    def _shown_to(self, body: dict[str, Any], behaviour: Behaviour) -> Prompt:
        at = self.driven.now()
        stamp = at.astimezone(EAST_AFRICA).strftime("%d%m%Y%H%M%S")
        prompt = Prompt(
            checkout_request_id=f"ws_CO_{stamp}{secrets.randbelow(10**9):09}",
            merchant_request_id=f"{secrets.randbelow(10**5)}-{secrets.randbelow(10**8)}-1",
            receipt=f"S{secrets.token_hex(5).upper()[:9]}",
            code=behaviour.code,
            decided_at=self._decided_at(behaviour),
            body=body,
        )
        self.prompts[prompt.checkout_request_id] = prompt
        return prompt

    async def _query(self, request: web.Request) -> web.Response:
        body = await request.json()
        fault = self._refused(request) or faulty_field(
            body, short_code=self.short_code, passkey=self.passkey, is_query=True
        )
        if fault:
            return fault.response()
        prompt = self.prompts.get(body["CheckoutRequestID"])
        if prompt is None or prompt.decided_at is None or self.driven.now() < prompt.decided_at:
            return PROCESSING.response()
        return web.json_response(query_answer(prompt))

    def _call_back_later(self, prompt: Prompt, behaviour: Behaviour) -> None:
        """In the place of what was to be called back about it before."""
        if earlier := self._calling.pop(prompt, None):
            earlier.cancel()
        if not behaviour.callbacks:
            return
        calling = asyncio.ensure_future(self._call_back_in_time(prompt, behaviour))
        self._calling[prompt] = calling

    async def _call_back_in_time(self, prompt: Prompt, behaviour: Behaviour) -> None:
        await self.driven.pass_time(behaviour.after_seconds)
        await self._call_back(prompt, behaviour.callbacks)

    async def _call_back(self, prompt: Prompt, times: int) -> None:
        async with aiohttp.ClientSession(timeout=CALLBACK_TIMEOUT) as session:
            for _ in range(times):
                async with session.post(prompt.body["CallBackURL"], json=callback_of(prompt)) as response:
                    prompt.callback_statuses.append(response.status)

    async def _hang_up(self, _: web.Application) -> None:
        for task in self._calling.values():
            task.cancel()
        await asyncio.gather(*self._calling.values(), return_exceptions=True)

    async def _answer(self, request: web.Request) -> web.Response:
        """Answer a prompt that is open, or call back once more about one that was answered."""
        prompt = self.prompts.get(request.match_info["checkout"])
        if prompt is None:
            return web.json_response({"error": "no such prompt"}, status=404)
        behaviour = replace(self.usual, **{"after_seconds": 0.0, **await request.json()})
        if prompt.decided_at is None or self.driven.now() < prompt.decided_at:
            prompt.code, prompt.decided_at = behaviour.code, self._decided_at(behaviour)
            self._call_back_later(prompt, behaviour)
        elif behaviour.callbacks > 1:
            self._call_back_later(prompt, replace(behaviour, callbacks=1))
        else:
            return web.json_response({"error": "answered before"}, status=409)
        return web.json_response(prompt.shown)

    def _decided_at(self, behaviour: Behaviour) -> datetime | None:
        return None if behaviour.silent else self.driven.now() + timedelta(seconds=behaviour.after_seconds)

    async def _behave(self, request: web.Request) -> web.Response:
        try:
            self.next(**await request.json())
        except TypeError as unknown:
            return web.json_response({"error": str(unknown)}, status=400)
        return web.json_response({"next": len(self._behaviours)})

    async def _expire_tokens(self, _: web.Request) -> web.Response:
        self.expire_tokens()
        return web.json_response({})

    async def _shown(self, _: web.Request) -> web.Response:
        return web.json_response([prompt.shown for prompt in self.prompts.values()])
