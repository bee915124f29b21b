"""Top-ups by M-Pesa on a test's database: the real adapter, a Daraja-shaped server, and an address to call back at."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Row, func, select

from db.mpesa_inbox import ArrivedCallback, MpesaInbox
from db.reads.payments import payment_by_id
from db.tables.ledger import ledger_transfers
from db.tables.mpesa import mpesa_callbacks
from domain.identity.actor import Actor
from domain.ids import PaymentId
from domain.money import Asset, Money
from domain.payments.mobile_money import MobileMoney
from domain.payments.mpesa_request import MpesaRequest, digest_of
from domain.payments.requesting import Way
from domain.payments.state import PaymentState, Rail
from domain.wallets.shown_payment import ShownPayment
from domain.wallets.topping_up import request_top_up
from integrations.sandbox.daraja import Behaviour, DarajaSandbox
from integrations.sandbox.daraja_bodies import Prompt, callback_of
from jobs.expire_payments import expire_overdue_payments
from jobs.follow_payments import follow_payments
from jobs.parts import Parts
from jobs.query_stk_pushes import query_due_pushes
from jobs.request_stk_pushes import give_up_lost_pushes, request_due_pushes
from jobs.take_in_stk_callbacks import take_in_callbacks
from tests.commands import Commands
from tests.daraja import running_daraja, serving
from tests.makers.conversion import TERMS, observe
from tests.makers.wallets import make_holder, verified, wallet

SHILLINGS: Final = Money(129_300, Asset.KES)
PHONE: Final = "+254708374149"


def by_phone(phone: str | None = PHONE) -> Way:
    """By M-Pesa, which is open."""
    return Way(rail=Rail.MPESA, open_rails=frozenset(Rail), phone=phone)


@dataclass
class Till:
    """A market that is paid by M-Pesa, at the time of its commands."""

    commands: Commands
    parts: Parts
    daraja: DarajaSandbox
    provider: MobileMoney
    inbox: MpesaInbox
    tokens: list[str] = field(default_factory=list)

    async def ask(
        self, payer: Actor, amount: Money = SHILLINGS, *, into: Asset = Asset.KES, phone: str | None = PHONE
    ) -> PaymentId:
        """A top-up that a person asked for."""
        async with self.commands.by(payer) as uow:
            asked = await request_top_up(uow, amount=amount, into=into, way=by_phone(phone), terms=TERMS)
        return asked.intent.id

    async def push(self, provider: MobileMoney | None = None) -> None:
        """The job runs."""
        await request_due_pushes(self._parts(provider))

    async def query(self, provider: MobileMoney | None = None) -> None:
        """The job runs."""
        await query_due_pushes(self._parts(provider))

    async def take_in(self) -> None:
        """The job runs."""
        await take_in_callbacks(self._parts(None))

    async def expire(self) -> None:
        """The job runs."""
        await expire_overdue_payments(self.parts)

    async def follow(self) -> None:
        """The job runs."""
        await follow_payments(self.parts)

    async def run_everything(self) -> None:
        """All jobs run."""
        await give_up_lost_pushes(self.parts)
        await self.push()
        await self.take_in()
        await self.query()
        await self.expire()
        await self.follow()

    async def called_back(self, *, times: int = 1) -> None:
        """The sandbox has called back by itself, so often for each prompt."""
        for _ in range(300):
            prompts = self.daraja.prompts.values()
            if prompts and all(len(prompt.callback_statuses) >= times for prompt in prompts):
                return
            await asyncio.sleep(0.01)
        raise AssertionError("nobody called back")

    async def paid_on_phone(self) -> None:
        """What the sandbox calls back by itself has arrived and is taken in."""
        await self.called_back()
        await self.take_in()

    async def call_back(self, prompt: Prompt, *, code: str | None = None, **said: Any) -> bool:
        """Daraja calls back, with these items of the metadata changed; answers whether the token is known."""
        if code is not None:
            prompt = dataclasses.replace(prompt, code=code)
        body = callback_of(prompt)
        if "CheckoutRequestID" in said:
            body["Body"]["stkCallback"]["CheckoutRequestID"] = said.pop("CheckoutRequestID")
        for item in body["Body"]["stkCallback"].get("CallbackMetadata", {}).get("Item", ()):
            item.update({"Value": said[item["Name"]]} if item["Name"] in said else {})
        token = prompt.body["CallBackURL"].rsplit("/", 1)[1]
        return await self.arrive(token, web.json_response(body).body)

    async def arrive(self, token: str, body: Any) -> bool:
        """Something comes to the address of a token."""
        arrived = ArrivedCallback(
            token_digest=digest_of(token),
            body=bytes(body),
            source="196.201.214.200",
            request_id="req-callback",
            at=self.commands.now,
        )
        return await self.inbox.keep(arrived)

    @property
    def prompt(self) -> Prompt:
        """The only prompt there is."""
        (prompt,) = self.daraja.prompts.values()
        return prompt

    def later(self, **step: float) -> None:
        """Time goes by."""
        self.commands.later(timedelta(**step))

    async def payment(self, payment_id: PaymentId) -> ShownPayment:
        """As it stands."""
        async with self.commands.database.read() as connection:
            shown = await payment_by_id(connection, payment_id)
        assert shown is not None
        return shown

    async def state(self, payment_id: PaymentId) -> PaymentState:
        """Where the payment stands."""
        return (await self.payment(payment_id)).intent.state

    async def request(self, payment_id: PaymentId) -> MpesaRequest:
        """Its prompt as we know it."""
        request = (await self.payment(payment_id)).mpesa
        assert request is not None
        return request

    async def callbacks(self) -> list[Row[Any]]:
        """What came, in order."""
        rows = select(mpesa_callbacks).order_by(mpesa_callbacks.c.received_at, mpesa_callbacks.c.id)
        async with self.commands.database.read() as connection:
            return list(await connection.execute(rows))

    async def bookings(self) -> int:
        """How often money was moved."""
        counted = select(func.count()).select_from(ledger_transfers)
        async with self.commands.database.read() as connection:
            return (await connection.execute(counted)).scalar_one()

    async def shillings_of(self, payer: Actor) -> int:
        """What is in the wallet, in cents."""
        return (await wallet(self.commands, payer, Asset.KES)).balance.minor

    async def require_paid_once(self, payer: Actor) -> None:
        """The usual sum is in the wallet, by one booking."""
        assert await self.shillings_of(payer) == SHILLINGS.minor
        assert await self.bookings() == 1
        assert (await verified(self.commands)).is_sound

    async def require_nothing_moved(self, payer: Actor) -> None:
        """Nobody booked anything."""
        assert await self.shillings_of(payer) == 0
        assert await self.bookings() == 0

    def _parts(self, provider: MobileMoney | None) -> Parts:
        return dataclasses.replace(self.parts, mobile_money=provider or self.provider)


@asynccontextmanager
async def open_till(commands: Commands, parts: Parts) -> AsyncIterator[Till]:
    """Everything real but the money: prompts are silent unless a test says otherwise."""
    inbox = MpesaInbox(commands.database)

    async def arrive(request: web.Request) -> web.Response:
        is_known = await till.arrive(request.match_info["token"], await request.read())
        return web.json_response({"ResultCode": 0, "ResultDesc": "Accepted"}, status=200 if is_known else 404)

    application = web.Application()
    application.router.add_post("/callbacks/stk/{token}", arrive)
    async with serving(application) as callback_url, running_daraja(commands.clock) as daraja:
        daraja.server.usual = Behaviour(callbacks=0, after_seconds=0)
        provider = daraja.express(commands.clock, callback_url=callback_url)
        till = Till(commands, parts, daraja.server, provider, inbox)
        await observe(commands)
        yield till


async def make_payer(commands: Commands) -> Actor:
    """Somebody with wallets and nothing in them."""
    return await make_holder(commands)
