"""The side of the Daraja-shaped server that pays phones, and answers questions about that.

Every payment is made after a second, unless `POST /sandbox/payouts/behaviours` said otherwise before.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

import aiohttp
from aiohttp import web

from integrations.sandbox.daraja_bodies import Fault
from integrations.sandbox.daraja_key import SandboxKey
from integrations.sandbox.daraja_payout_bodies import (
    PhonePayment,
    faulty_payment,
    faulty_question,
    queue_timeout_of,
    result_of,
    status_of,
    taken,
)
from integrations.sandbox.daraja_statement import statement_of
from integrations.sandbox.driven import Driven

CALLBACK_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
DUPLICATE: Final = Fault(500, "500.002.1001", "Duplicate OriginatorConversationID.")
WRONG_CREDENTIAL: Final = Fault(500, "500.001.1001", "Wrong credentials")
INTERNAL: Final = Fault(500, "500.003.1001", "Internal Server Error")
REFUSALS: Final = {"busy": Fault(500, "500.003.02", "System is busy. Please try again."), "internal": INTERNAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutBehaviour:
    """What becomes of the next payment. `answer` is what the request is answered with: `ok`; `busy` or `internal`, and
    nothing is accepted; `internal-accepted` or `slow`, and it is accepted nevertheless.

    The result `code` is known after `after_seconds` – `silent`: never – and told by `callbacks` callbacks; with
    `callback_first` before the request is answered; with `queue_timeout` the queue was too long, and nothing is known.
    """

    answer: str = "ok"
    code: str = "0"
    after_seconds: float = 1.0
    callbacks: int = 1
    callback_first: bool = False
    queue_timeout: bool = False
    silent: bool = False
    slow_seconds: float = 30.0


@dataclass(eq=False, kw_only=True)
class PayoutDesk:
    """`payments` is everything that was accepted, by the caller's name for it; `asked` counts questions."""

    short_code: str
    initiator: str
    password: str
    key: SandboxKey = field(default_factory=SandboxKey)
    driven: Driven
    refused: Callable[[web.Request], Fault | None]
    usual: PayoutBehaviour = field(default_factory=PayoutBehaviour)
    payments: dict[str, PhonePayment] = field(default_factory=dict)
    asked: int = 0
    duplicates: int = 0
    _behaviours: list[PayoutBehaviour] = field(default_factory=list)
    _calling: set[asyncio.Task[None]] = field(default_factory=set)

    def add_to(self, application: web.Application) -> None:
        """Its routes."""
        application.router.add_post("/mpesa/b2c/v3/paymentrequest", self._pay)
        application.router.add_post("/mpesa/transactionstatus/v1/query", self._ask)
        application.router.add_post("/sandbox/payouts/behaviours", self._behave)
        application.router.add_get("/sandbox/payouts", self._shown)
        application.router.add_get("/sandbox/payouts/statement", self._stated)
        application.on_cleanup.append(self._hang_up)

    def next(self, **behaviour: Any) -> None:
        """How the next payment without a behaviour of its own goes."""
        self._behaviours.append(replace(self.usual, **behaviour))

    async def _pay(self, request: web.Request) -> web.Response:
        body = await request.json()
        fault = (
            self.refused(request)
            or self._stranger(body.get("InitiatorName"), body.get("SecurityCredential"))
            or faulty_payment(body, short_code=self.short_code)
        )
        if fault:
            return fault.response()
        if body["OriginatorConversationID"] in self.payments:
            self.duplicates += 1
            return DUPLICATE.response()
        behaviour = self._behaviours.pop(0) if self._behaviours else self.usual
        if behaviour.answer in REFUSALS:
            return REFUSALS[behaviour.answer].response()
        payment = self._accepted(body, behaviour)
        if behaviour.callback_first:
            await self._tell(payment, behaviour)
        elif behaviour.callbacks:
            self._later(self._tell(payment, behaviour))
        if behaviour.answer == "slow":
            await asyncio.sleep(behaviour.slow_seconds)
        if behaviour.answer == "internal-accepted":
            return INTERNAL.response()
        return web.json_response(taken(payment.conversation_id, payment.name))

    async def _ask(self, request: web.Request) -> web.Response:
        body = await request.json()
        fault = (
            self.refused(request)
            or self._stranger(body.get("Initiator"), body.get("SecurityCredential"))
            or faulty_question(body, short_code=self.short_code)
        )
        if fault:
            return fault.response()
        self.asked += 1
        conversation_id = self._conversation_id()
        answer = status_of(
            self.payments.get(body.get("OriginalConversationID")), at=self.driven.now(), conversation_id=conversation_id
        )
        self._later(self._post(body["ResultURL"], answer, statuses=[]))
        return web.json_response(taken(conversation_id, f"sandbox-{conversation_id[-6:]}"))

    def _stranger(self, initiator: object, credential: object) -> Fault | None:
        is_known = initiator == self.initiator and self.key.holds(credential, self.password)
        return None if is_known else WRONG_CREDENTIAL

    def _accepted(self, body: dict[str, Any], behaviour: PayoutBehaviour) -> PhonePayment:
        payment = PhonePayment(
            conversation_id=self._conversation_id(),
            receipt=f"T{secrets.token_hex(5).upper()[:9]}",
            code=behaviour.code,
            decided_at=None if behaviour.silent else self.driven.now() + timedelta(seconds=behaviour.after_seconds),
            body=body,
        )
        self.payments[payment.name] = payment
        return payment

    def _conversation_id(self) -> str:
        return f"AG_{self.driven.now():%Y%m%d}_{secrets.token_hex(10)}"

    async def _tell(self, payment: PhonePayment, behaviour: PayoutBehaviour) -> None:
        if not behaviour.callback_first:
            await self.driven.pass_time(behaviour.after_seconds)
        is_late = behaviour.queue_timeout
        address = payment.body["QueueTimeOutURL" if is_late else "ResultURL"]
        for _ in range(behaviour.callbacks):
            said = queue_timeout_of(payment) if is_late else result_of(payment)
            await self._post(address, said, statuses=payment.callback_statuses)

    async def _post(self, address: str, body: dict[str, Any], *, statuses: list[int]) -> None:
        async with (
            aiohttp.ClientSession(timeout=CALLBACK_TIMEOUT) as session,
            session.post(address, json=body) as response,
        ):
            statuses.append(response.status)

    def _later(self, calling: Awaitable[None]) -> None:
        task = asyncio.ensure_future(calling)
        self._calling.add(task)
        task.add_done_callback(self._calling.discard)

    async def answered(self) -> None:
        """Whatever was to be called back by now was."""
        await asyncio.gather(*self._calling, return_exceptions=True)

    async def _hang_up(self, _: web.Application) -> None:
        for task in list(self._calling):
            task.cancel()
        await asyncio.gather(*self._calling, return_exceptions=True)

    async def _behave(self, request: web.Request) -> web.Response:
        try:
            self.next(**await request.json())
        except TypeError as unknown:
            return web.json_response({"error": str(unknown)}, status=400)
        return web.json_response({"next": len(self._behaviours)})

    async def _stated(self, _: web.Request) -> web.Response:
        text = statement_of(self.payments.values(), short_code=self.short_code, at=self.driven.now())
        return web.Response(text=text, content_type="text/csv")

    async def _shown(self, _: web.Request) -> web.Response:
        return web.json_response([payment.shown for payment in self.payments.values()])
