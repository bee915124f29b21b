"""The relay and the worker: processes that nobody calls, until a signal ends them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import structlog
import uvloop
from prometheus_client import start_http_server

from app.config import Settings
from app.logging import configure_logging
from app.servers import located
from app.wiring import Wiring, wired
from db import idempotency, streams
from db.advisory_lock import leadership
from db.callback_bodies import empty_bodies
from db.signatures import forget_signatures
from db.unit_of_work import SqlUnitOfWork
from domain.identity.actor import Actor
from domain.identity.message import Letter, MessengerUnavailable
from domain.identity.ports import Messenger
from domain.ids import new_id
from domain.payments.acquirer import Acquirer
from domain.payments.mobile_money import MobileMoney
from domain.payments.state import Rail
from domain.payouts.ports import PayoutSender
from domain.payouts.state import PayoutRail
from domain.wallets.ports import RateSource
from integrations.mpesa.b2c import MpesaPayouts
from integrations.mpesa.daraja_http import DarajaHttp
from integrations.mpesa.express import MpesaExpress
from integrations.paypal.orders import PayPalOrders
from integrations.rates.usdt_quotations import UsdtQuotations
from integrations.razorpay.orders import RazorpayOrders
from integrations.sandbox.messenger import SandboxMessenger
from integrations.sandbox.payouts import SandboxPayouts
from integrations.sandbox.rates import SandboxRates
from integrations.smtp.messenger import SmtpMessenger
from integrations.stripe.payment_intents import StripeCards
from jobs.parts import Parts
from jobs.schedule import SCHEDULE
from jobs.worker import Worker
from realtime.publishing import publishing_table
from realtime.relay import Relay

log = structlog.get_logger("sokoni.processes")
RING_WAIT_SECONDS: Final = 60.0
STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def run_relay(settings: Settings) -> int:
    """Carry events until a signal comes; the answer is the exit status."""
    return _run(settings, _relay)


def run_worker(settings: Settings) -> int:
    """Work on jobs until a signal comes; the answer is the exit status."""
    return _run(settings, _work)


def _run(settings: Settings, process: Callable[[Settings, asyncio.Event], Awaitable[None]]) -> int:
    settings = located(settings)
    configure_logging(settings.log_level)

    async def until_stopped() -> None:
        stopping = asyncio.Event()
        for number in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        await process(settings, stopping)

    uvloop.run(until_stopped())
    return 0


async def _relay(settings: Settings, stopping: asyncio.Event) -> None:
    async with wired(settings, application_name="sokoni relay") as wiring:
        show_metrics(wiring)
        relay = Relay(
            wiring.database,
            wiring.broadcast,
            wiring.doorbell,
            publishing_table(),
            clock=wiring.clock,
            metrics=wiring.metrics,
        )
        running = asyncio.create_task(relay.run(), name="relay")
        await stopping.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _work(settings: Settings, stopping: asyncio.Event) -> None:
    async with wired(settings, application_name="sokoni worker") as wiring:
        show_metrics(wiring)
        worker = Worker(parts_of(wiring), SCHEDULE)
        if wiring.house_clock is not None:
            wiring.house_clock.when_moved(worker.hurry)
        ringing = asyncio.create_task(_wake_on_ring(wiring, worker), name="rings")
        working = asyncio.create_task(worker.run(), name="worker")
        await stopping.wait()
        worker.stop()
        await working
        ringing.cancel()
        await asyncio.gather(ringing, return_exceptions=True)


async def _wake_on_ring(wiring: Wiring, worker: Worker) -> None:
    while True:
        await wiring.doorbell.wait(timeout_seconds=RING_WAIT_SECONDS)
        worker.wake()


class NoMessenger:
    """Takes nothing: messages wait and are tried again, and no code is shown to anybody."""

    async def send(self, letter: Letter) -> None:
        """Raises MessengerUnavailable."""
        raise MessengerUnavailable("none", None, "No messenger is wired.")


def messenger_of(wiring: Wiring) -> Messenger:
    """E-mails by SMTP where a server is named. Everything else is the sandbox's, which shows codes to whoever reads its
    output; so in production it waits until a vendor is wired.
    """
    settings = wiring.settings
    beside: Messenger = SandboxMessenger(clock=wiring.clock, path=settings.messages_path)
    account = settings.mail_account(needs_tls=settings.is_production)
    if settings.is_production:
        beside = NoMessenger()
        log.error("no_messenger", why="no vendor for SMS is wired; passcodes to phones wait unsent", mail=bool(account))
    return SmtpMessenger(account, clock=wiring.clock, beside=beside) if account else beside


def mobile_money_of(wiring: Wiring) -> MobileMoney | None:
    """M-Pesa, where it is open."""
    account = wiring.settings.mpesa_account(callback_url=wiring.settings.own_url)
    return MpesaExpress(account, clock=wiring.clock) if account else None


def acquirers_of(wiring: Wiring) -> Mapping[Rail, Acquirer]:
    """Who takes cards and the like, for the rails that are open."""
    settings = wiring.settings
    cards, paypal, razorpay = settings.stripe_account, settings.paypal_account, settings.razorpay_account
    acquirers: dict[Rail, Acquirer] = {}
    if cards:
        acquirers[Rail.CARD] = StripeCards(cards, clock=wiring.clock)
    if paypal:
        acquirers[Rail.PAYPAL] = PayPalOrders(paypal, clock=wiring.clock)
    if razorpay:
        acquirers[Rail.RAZORPAY] = RazorpayOrders(razorpay, clock=wiring.clock)
    return acquirers


def mpesa_payouts_of(wiring: Wiring) -> MpesaPayouts | None:
    """Who pays people's phones, where that is open."""
    settings = wiring.settings
    account = settings.mpesa_account(callback_url=settings.own_url)
    payer = settings.b2c_account(data_dir=settings.data_dir)
    if account is None or payer is None:
        return None
    daraja = DarajaHttp(account, clock=wiring.clock)
    return MpesaPayouts(account, payer, daraja=daraja, secrets=wiring.gateways.secrets)


def payout_senders_of(wiring: Wiring, phones: MpesaPayouts | None) -> Mapping[PayoutRail, PayoutSender]:
    """The rails that pay by themselves."""
    sandbox = {} if wiring.settings.is_production else {PayoutRail.SANDBOX: SandboxPayouts()}
    return sandbox | ({PayoutRail.MPESA: phones} if phones else {})


def rate_source_of(wiring: Wiring) -> RateSource | None:
    """The one that `SOKONI_RATES_URL` names; without it the sandbox's, in production none: finance sets the rates."""
    if wiring.settings.rates_url:
        return UsdtQuotations(wiring.settings.rates_url)
    return None if wiring.settings.is_production else SandboxRates()


def show_metrics(wiring: Wiring) -> None:
    """Serve the process' figures where a port is set; it has no API to show them at."""
    if wiring.settings.metrics_port is not None:
        start_http_server(wiring.settings.metrics_port, wiring.settings.host, registry=wiring.registry)


def parts_of(wiring: Wiring) -> Parts:
    """What jobs may reach."""

    def unit_of_work(operation: str) -> SqlUnitOfWork:
        return wiring.unit_of_work(Actor.system(), operation=operation, request_id=f"job_{new_id().hex}")

    @asynccontextmanager
    async def lead(name: str) -> AsyncIterator[bool]:
        async with leadership(wiring.database, f"job {name}") as connection:
            yield connection is not None

    async def purge_answers(*, at: datetime, limit: int) -> int:
        return await idempotency.purge(wiring.database, at=at, limit=limit)

    async def trim_outbox(*, before: datetime, limit: int) -> int:
        async with wiring.database.transaction() as connection:
            return await streams.trim(connection, before=before, limit=limit)

    async def forget(*, before: datetime, limit: int) -> int:
        return await forget_signatures(wiring.database, before=before, limit=limit)

    async def empty_callbacks(*, before: datetime, limit: int) -> int:
        return await empty_bodies(wiring.database, before=before, limit=limit)

    phones = mpesa_payouts_of(wiring)
    return Parts(
        unit_of_work=unit_of_work,
        lead=lead,
        clock=wiring.clock,
        purge_answers=purge_answers,
        trim_outbox=trim_outbox,
        forget_signatures=forget,
        empty_callbacks=empty_callbacks,
        messenger=messenger_of(wiring),
        sealer=wiring.gateways.sealer,
        storage=wiring.storage,
        payout_senders=payout_senders_of(wiring, phones),
        payout_callbacks=phones,
        mobile_money=mobile_money_of(wiring),
        acquirers=acquirers_of(wiring),
        rate_source=rate_source_of(wiring),
    )
