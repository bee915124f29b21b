"""Which class stands behind which port: the only place that knows every floor."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector

from app.config import Settings
from app.sandbox_clock import HouseClock
from app.servers import database_url, redis_url
from db.acquirer_inbox import AcquirerInbox
from db.convoys import Convoys
from db.engine import Database, open_database
from db.mapping import map_everything
from db.mpesa_inbox import MpesaInbox
from db.reads.identity import usable_signing_keys
from db.unit_of_work import Command, SqlUnitOfWork
from domain.clock import AdvancedClock, Clock, SystemClock
from domain.gateways import Gateways
from domain.idempotency import IdempotencyKey
from domain.identity.actor import Actor
from domain.identity.signing_key import SigningKey
from domain.payments.acquirer import CallbackSignatures, CheckoutSignatures
from domain.payments.state import Rail
from domain.payouts.state import PayoutRail
from domain.quotas import Quotas
from domain.unit_of_work import UnitOfWork
from integrations.argon2.pins import Argon2Pins
from integrations.bank_files import BankFileFormats
from integrations.bank_statements import BankStatementFormats
from integrations.ecdsa.device_signatures import P256Signatures
from integrations.jwt.key_ring import KeyRing, LoadKeys
from integrations.jwt.token_issuer import JwtIssuer
from integrations.mpesa.statement import MpesaStatement
from integrations.one_time_codes.totp import TimeCodes
from integrations.paypal.signatures import PayPalSignatures
from integrations.phone_numbers.plans import NumberingPlans
from integrations.qr_images.segno_images import QrImages
from integrations.razorpay.signatures import RazorpayCheckoutSignatures, RazorpaySignatures
from integrations.sealing.digests import KeyedDigests
from integrations.sealing.sealer import AesSealer
from integrations.storage.links import FileLinks
from integrations.storage.object_storage import BucketStorage, FolderStorage, storage_at
from integrations.stripe.signatures import StripeSignatures
from realtime.broadcast import Broadcast
from realtime.doorbell import Doorbell
from realtime.metrics import RealtimeMetrics

P = TypeVar("P")

UNLIMITED: Final = Quotas(
    otp_sends_per_hour=None,
    listing_creates_per_day=None,
    payout_requests_per_day=None,
    phone_prompts_per_hour=None,
)


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """What every process of ours has: the database, the way to the others, and what signs, hashes and seals."""

    settings: Settings
    redis_url: str
    clock: Clock
    database: Database
    broadcast: Broadcast
    doorbell: Doorbell
    convoys: Convoys
    registry: CollectorRegistry
    metrics: RealtimeMetrics
    keys: KeyRing
    gateways: Gateways
    quotas: Quotas
    storage: BucketStorage | FolderStorage
    file_links: FileLinks
    mpesa_inbox: MpesaInbox
    acquirer_inbox: AcquirerInbox
    house_clock: HouseClock | None
    """What moves the clock on; None where real money moves."""

    @cached_property
    def open_rails(self) -> frozenset[Rail]:
        """The ways that money may arrive here."""
        by_phone = {Rail.MPESA} if self.settings.mpesa_url else set()
        return frozenset({Rail.BANK_TRANSFER, *by_phone, *self.callback_signatures})

    @cached_property
    def callback_signatures(self) -> Mapping[Rail, CallbackSignatures]:
        """By which callbacks of acquirers are known, for the rails that are open and have one."""
        cards, paypal, razorpay = (
            self.settings.stripe_account,
            self.settings.paypal_account,
            self.settings.razorpay_account,
        )
        signatures: dict[Rail, CallbackSignatures] = {}
        if cards:
            signatures[Rail.CARD] = StripeSignatures(cards.webhook_secrets)
        if paypal:
            signatures[Rail.PAYPAL] = PayPalSignatures(paypal)
        if razorpay:
            signatures[Rail.RAZORPAY] = RazorpaySignatures(razorpay.webhook_secret)
        return signatures

    @cached_property
    def checkout_signatures(self) -> Mapping[Rail, CheckoutSignatures]:
        """By which it is known that an acquirer has a payer's word, for the rails whose apps show it."""
        razorpay = self.settings.razorpay_account
        return {Rail.RAZORPAY: RazorpayCheckoutSignatures(razorpay.key_secret)} if razorpay else {}

    @cached_property
    def payout_rails(self) -> frozenset[PayoutRail]:
        """The rails that payouts may take: the sandbox's is none for real money."""
        closed = {PayoutRail.SANDBOX} if self.settings.is_production else set()
        if self.settings.b2c_account(data_dir=self.settings.data_dir) is None:
            closed.add(PayoutRail.MPESA)
        return frozenset(PayoutRail) - closed

    def unit_of_work(
        self, actor: Actor, *, operation: str, request_id: str, once: IdempotencyKey | None = None
    ) -> SqlUnitOfWork:
        """The transaction of one command, rung through to the relay when it commits."""
        command = self._command(actor, operation, request_id, once)
        return SqlUnitOfWork(self.database, command, ring=self.doorbell.ring)

    async def carry_together(
        self,
        carry: Callable[[UnitOfWork], Coroutine[Any, Any, P]],
        actor: Actor,
        *,
        operation: str,
        request_id: str,
        once: IdempotencyKey,
    ) -> P | None:
        """What a command answered that was committed with others of its moment."""
        return await self.convoys.carry_out(self._command(actor, operation, request_id, once), carry)

    def _command(self, actor: Actor, operation: str, request_id: str, once: IdempotencyKey | None) -> Command:
        return Command(
            actor=actor,
            operation=operation,
            request_id=request_id,
            now=self.clock.now(),
            once=once,
            quotas=self.quotas,
        )


@asynccontextmanager
async def wired(settings: Settings, *, application_name: str) -> AsyncIterator[Wiring]:
    """Open everything, and close it at the end of the block in the opposite order."""
    map_everything()
    clock = AdvancedClock() if settings.has_sandbox else SystemClock()
    database = open_database(
        database_url(settings), pool_size=settings.database_pool_size, application_name=application_name
    )
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    metrics = RealtimeMetrics(registry)
    redis = redis_url(settings)
    keys = KeyRing(_load_keys(database), sealer=AesSealer(settings.key_for("sealing")), clock=clock)
    links = FileLinks(settings.key_for("file links"), clock=clock)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        broadcast = await stack.enter_async_context(Broadcast(redis, on_connect=metrics.broadcast_connections.inc))
        house_clock = None
        if isinstance(clock, AdvancedClock):
            house_clock = await stack.enter_async_context(HouseClock(clock, database, broadcast))
        doorbell = await stack.enter_async_context(Doorbell(broadcast))
        convoys = Convoys(database, ring=doorbell.ring)
        stack.push_async_callback(convoys.close)
        yield Wiring(
            settings=settings,
            redis_url=redis,
            clock=clock,
            database=database,
            broadcast=broadcast,
            doorbell=doorbell,
            convoys=convoys,
            registry=registry,
            metrics=metrics,
            keys=keys,
            gateways=gateways_of(settings, keys),
            storage=storage_at(settings.storage_address, links),
            file_links=links,
            mpesa_inbox=MpesaInbox(database),
            acquirer_inbox=AcquirerInbox(database),
            house_clock=house_clock,
            quotas=Quotas() if settings.rate_limits else UNLIMITED,
        )


def gateways_of(settings: Settings, keys: KeyRing) -> Gateways:
    """What use cases may ask besides their storage."""
    digests = KeyedDigests(settings.key_for("digests"))
    return Gateways(
        secrets=digests,
        sealer=AesSealer(settings.key_for("sealing")),
        pins=Argon2Pins(digests),
        phone_numbers=NumberingPlans(region=settings.phone_region),
        device_signatures=P256Signatures(),
        tokens=JwtIssuer(keys),
        one_time_codes=TimeCodes(),
        qr_pictures=QrImages(),
        bank_files=BankFileFormats(),
        statement_readers={PayoutRail.BANK_TRANSFER: BankStatementFormats(), PayoutRail.MPESA: MpesaStatement()},
    )


def _load_keys(database: Database) -> LoadKeys:
    async def load(at: datetime) -> Sequence[SigningKey]:
        async with database.read() as connection:
            return await usable_signing_keys(connection, at=at)

    return load
