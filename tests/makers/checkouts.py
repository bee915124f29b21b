"""Top-ups by an acquirer on a test's database: the real adapter, a server of its shape, an address to call back at."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import aiohttp
from aiohttp import web
from sqlalchemy import Row, func, select

from db.acquirer_inbox import AcquirerInbox, SignedCallback
from db.reads.payments import payment_by_id
from db.tables.checkouts import acquirer_callbacks, payment_disputes
from db.tables.ledger import ledger_transfers
from domain.identity.actor import Actor
from domain.ids import PaymentId
from domain.money import Asset, Money
from domain.payments.acquirer import Acquirer, AcquirerAnswer, CallbackSignatures, CheckoutOrder, ForgedCallback, Told
from domain.payments.cancelling import cancel_payment
from domain.payments.checkout import Checkout
from domain.payments.requesting import Way
from domain.payments.state import PaymentState, Rail
from domain.wallets.shown_payment import ShownPayment
from domain.wallets.topping_up import request_top_up
from integrations.outbound_http import OutboundHttp
from integrations.paypal.account import PayPalAccount
from integrations.paypal.orders import PayPalOrders
from integrations.paypal.signatures import PayPalSignatures
from integrations.razorpay.account import RazorpayAccount
from integrations.razorpay.orders import RazorpayOrders
from integrations.razorpay.signatures import RazorpaySignatures
from integrations.sandbox.caller import Caller, Sent
from integrations.sandbox.paypal import PayPalBehaviour, PayPalSandbox
from integrations.sandbox.paypal_bodies import Order
from integrations.sandbox.razorpay import RazorpayBehaviour, RazorpaySandbox
from integrations.sandbox.razorpay_bodies import RazorpayOrder
from integrations.sandbox.stripe import CardBehaviour, StripeSandbox
from integrations.sandbox.stripe_bodies import Intent
from integrations.stripe.account import StripeAccount
from integrations.stripe.payment_intents import StripeCards
from integrations.stripe.signatures import StripeSignatures
from jobs.ask_acquirers import ask_acquirers, close_ended_checkouts
from jobs.expire_payments import expire_overdue_payments
from jobs.parts import Parts
from jobs.take_in_acquirer_callbacks import take_in_acquirer_callbacks
from tests.commands import Commands
from tests.daraja import serving
from tests.makers.conversion import TERMS, observe
from tests.makers.wallets import verified, wallet

SUM: Final = Money(12_930, Asset.USD)
PATIENCE: Final = aiohttp.ClientTimeout(total=0.5, connect=0.3)
SECRET: Final = "whsec_test"


class PowerCut(Exception):
    """Nothing more is done."""


class Dying:
    """An acquirer, seen by a process that dies before or after a call."""

    def __init__(self, acquirer: Acquirer, *, is_called: bool) -> None:
        self._acquirer, self._is_called = acquirer, is_called

    async def open(self, order: CheckoutOrder) -> AcquirerAnswer:
        return await self._cut(self._acquirer.open, order)

    async def look(self, order: CheckoutOrder) -> AcquirerAnswer:
        return await self._cut(self._acquirer.look, order)

    async def capture(self, order: CheckoutOrder) -> AcquirerAnswer:
        return await self._cut(self._acquirer.capture, order)

    async def close(self, order: CheckoutOrder) -> AcquirerAnswer:
        return await self._cut(self._acquirer.close, order)

    def read_callback(self, body: bytes) -> Told:
        return self._acquirer.read_callback(body)

    async def _cut(
        self, call: Callable[[CheckoutOrder], Awaitable[AcquirerAnswer]], order: CheckoutOrder
    ) -> AcquirerAnswer:
        if self._is_called:
            await call(order)
        raise PowerCut


@dataclass
class Desk:
    """A market that is paid by one acquirer, at the time of its commands."""

    commands: Commands
    parts: Parts
    rail: Rail
    acquirer: Acquirer
    signatures: CallbackSignatures
    inbox: AcquirerInbox
    caller: Caller
    sum: Money = SUM

    async def ask(self, payer: Actor, amount: Money | None = None, *, into: Asset | None = None) -> PaymentId:
        """A top-up that a person asked for."""
        paid = amount or self.sum
        async with self.commands.by(payer) as uow:
            asked = await request_top_up(
                uow,
                amount=paid,
                into=into or paid.asset,
                way=Way(rail=self.rail, open_rails=frozenset(Rail)),
                terms=TERMS,
            )
        return asked.intent.id

    async def cancel(self, payer: Actor, payment_id: PaymentId) -> None:
        """The payer changes their mind."""
        async with self.commands.by(payer) as uow:
            await cancel_payment(uow, payment_id=payment_id)

    async def work(self, acquirer: Acquirer | None = None) -> None:
        """The job runs."""
        await ask_acquirers(self._parts(acquirer))

    async def take_in(self) -> None:
        """The job runs."""
        await take_in_acquirer_callbacks(self._parts(None))

    async def run_everything(self) -> None:
        """All jobs run."""
        await self.take_in()
        await expire_overdue_payments(self.parts)
        await close_ended_checkouts(self._parts(None))
        await self.work()

    async def arrive(self, headers: Mapping[str, str], body: bytes) -> int:
        """Something comes to the address of the callbacks."""
        small = {name.lower(): value for name, value in headers.items()}
        try:
            event_id = await self.signatures.event_id(small, body, at=self.commands.now)
        except ForgedCallback:
            return 400
        arrived = SignedCallback(
            rail=self.rail, event_id=event_id, body=body, source="127.0.0.1", request_id="req-1", at=self.commands.now
        )
        await self.inbox.keep(arrived)
        return 200

    async def called_back(self, *, times: int = 1) -> list[Sent]:
        """The sandbox has called back by itself, so often."""
        for _ in range(300):
            if len(self.caller.sent) >= times:
                return self.caller.sent
            await asyncio.sleep(0.01)
        raise AssertionError(f"called back {len(self.caller.sent)} times")

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

    async def checkout(self, payment_id: PaymentId) -> Checkout:
        """As the acquirer knows it."""
        checkout = (await self.payment(payment_id)).checkout
        assert checkout is not None
        return checkout

    async def callbacks(self) -> list[tuple[str, str | None]]:
        """What became of what came, in order."""
        rows = select(acquirer_callbacks).order_by(acquirer_callbacks.c.received_at, acquirer_callbacks.c.id)
        async with self.commands.database.read() as connection:
            return [(row.state.name, row.outcome) for row in await connection.execute(rows)]

    async def disputes(self) -> list[Row[Any]]:
        """What payers' banks ask back."""
        async with self.commands.database.read() as connection:
            return list(await connection.execute(select(payment_disputes)))

    async def told(self) -> list[str]:
        """The states that payers were told, in order."""
        return [str(event.body["state"]) for event in await self.commands.events("payment.updated")]

    async def bookings(self) -> int:
        """How often money was moved."""
        counted = select(func.count()).select_from(ledger_transfers)
        async with self.commands.database.read() as connection:
            return (await connection.execute(counted)).scalar_one()

    async def require_paid_once(self, payer: Actor) -> None:
        """The usual sum is in the wallet, by one booking."""
        assert (await wallet(self.commands, payer, self.sum.asset)).balance == self.sum
        assert await self.bookings() == 1
        assert (await verified(self.commands)).is_sound

    async def require_paid_late(self, payer: Actor) -> None:
        """It is, and the payer was told that it came late."""
        assert len(await self.commands.events("payment.arrived_late")) == 1
        await self.require_paid_once(payer)

    async def require_nothing_moved(self) -> None:
        """Nobody booked anything, and nobody was told that anything came."""
        assert await self.bookings() == 0
        assert await self.commands.events("payment.arrived_late") == []
        assert "PAID" not in await self.told()

    def _parts(self, acquirer: Acquirer | None) -> Parts:
        return dataclasses.replace(self.parts, acquirers={self.rail: acquirer or self.acquirer})


@dataclass
class CardDesk(Desk):
    """Cards, at a Stripe-shaped server."""

    stripe: StripeSandbox = dataclasses.field(kw_only=True)

    @property
    def intent(self) -> Intent:
        """The only one there is."""
        (intent,) = self.stripe.intents.values()
        return intent

    async def opened(self, payer: Actor, amount: Money | None = None, *, into: Asset | None = None) -> PaymentId:
        """A payment whose payer may pay now."""
        payment = await self.ask(payer, amount, into=into)
        await self.work()
        return payment

    async def pay(self, card: str = "pm_card_visa") -> None:
        """The payer's app confirms by a card, and what is called back is taken in."""
        await self.stripe.confirm(self.intent, card)
        await self.take_in()


@dataclass
class PayPalDesk(Desk):
    """PayPal, at a server of its shape."""

    paypal: PayPalSandbox = dataclasses.field(kw_only=True)

    @property
    def order(self) -> Order:
        """The only one there is."""
        (order,) = self.paypal.orders.values()
        return order

    async def approved(self, payer: Actor) -> PaymentId:
        """A payment that its payer approved, and that is not captured yet."""
        payment = await self.ask(payer)
        await self.work()
        await self.paypal.approve(self.order)
        await self.take_in()
        return payment


@asynccontextmanager
async def open_paypal_desk(commands: Commands, parts: Parts) -> AsyncIterator[PayPalDesk]:
    """Everything real but the money: nobody approves, and no capture is told, unless a test says otherwise."""
    desks: list[Desk] = []
    async with callback_address(desks) as address:
        caller = Caller(address)
        paypal = PayPalSandbox("client", "secret", "WEBHOOK1", caller, now=commands.clock.now)
        paypal.usual = PayPalBehaviour(is_approved=False, after_seconds=0, callbacks=0)
        async with serving(paypal.application()) as url:
            paypal.url = url
            account = PayPalAccount(url=url, client_id="client", client_secret="secret", webhook_id="WEBHOOK1")
            http = OutboundHttp("paypal", timeout=PATIENCE, attempts=1)
            desk = PayPalDesk(
                commands,
                parts,
                Rail.PAYPAL,
                PayPalOrders(account, clock=commands.clock, http=http),
                PayPalSignatures(account),
                AcquirerInbox(commands.database),
                caller,
                paypal=paypal,
            )
            desks.append(desk)
            await observe(commands)
            yield desk


@dataclass
class RazorpayDesk(Desk):
    """Razorpay, at a server of its shape."""

    razorpay: RazorpaySandbox = dataclasses.field(kw_only=True)

    @property
    def order(self) -> RazorpayOrder:
        """The only one there is."""
        (order,) = self.razorpay.orders.values()
        return order

    async def authorized(self, payer: Actor) -> PaymentId:
        """A payment that its payer authorized, and that is not captured yet."""
        payment = await self.ask(payer)
        await self.work()
        await self.razorpay.pay(self.order)
        await self.take_in()
        return payment


@asynccontextmanager
async def open_razorpay_desk(commands: Commands, parts: Parts) -> AsyncIterator[RazorpayDesk]:
    """Everything real but the money: nobody pays, and what is told is told once, unless a test says otherwise."""
    desks: list[Desk] = []
    async with callback_address(desks) as address:
        caller = Caller(address)
        razorpay = RazorpaySandbox("rzp_key", "key secret", "hook secret", caller, now=commands.clock.now)
        razorpay.usual = RazorpayBehaviour(pays_with=None, after_seconds=0)
        async with serving(razorpay.application()) as url:
            account = RazorpayAccount(url=url, key_id="rzp_key", key_secret="key secret", webhook_secret="hook secret")
            http = OutboundHttp("razorpay", timeout=PATIENCE, attempts=1)
            desk = RazorpayDesk(
                commands,
                parts,
                Rail.RAZORPAY,
                RazorpayOrders(account, clock=commands.clock, http=http),
                RazorpaySignatures(account.webhook_secret),
                AcquirerInbox(commands.database),
                caller,
                sum=Money(129_300, Asset.INR),
                razorpay=razorpay,
            )
            desks.append(desk)
            await observe(commands)
            yield desk


def make_stripe_account(url: str) -> StripeAccount:
    """The account that the server knows."""
    return StripeAccount(url=url, secret_key="sk_test_desk", public_key="pk", webhook_secrets=("whsec_next", SECRET))


@asynccontextmanager
async def callback_address(desks: list[Desk]) -> AsyncIterator[str]:
    """An address that hands what arrives to the desk, once there is one."""

    async def arrive(request: web.Request) -> web.Response:
        return web.Response(status=await desks[0].arrive(request.headers, await request.read()))

    application = web.Application()
    application.router.add_post("/callbacks", arrive)
    async with serving(application) as url:
        yield f"{url}/callbacks"


@asynccontextmanager
async def open_card_desk(commands: Commands, parts: Parts) -> AsyncIterator[CardDesk]:
    """Everything real but the money: nobody confirms unless a test says otherwise."""
    desks: list[Desk] = []
    async with callback_address(desks) as address:
        caller = Caller(address)
        stripe = StripeSandbox("sk_test_desk", "pk", SECRET, caller, now=commands.clock.now)
        stripe.usual = CardBehaviour(pays_with=None, after_seconds=0)
        async with serving(stripe.application()) as url:
            stripe.url = url
            account = make_stripe_account(url)
            http = OutboundHttp("stripe", timeout=PATIENCE, attempts=1)
            desk = CardDesk(
                commands,
                parts,
                Rail.CARD,
                StripeCards(account, clock=commands.clock, http=http),
                StripeSignatures(account.webhook_secrets),
                AcquirerInbox(commands.database),
                caller,
                stripe=stripe,
            )
            desks.append(desk)
            await observe(commands)
            yield desk
