"""The API of one process, on each test's own database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
import strawberry
from prometheus_client import CollectorRegistry

from app.config import Settings
from app.document_checking import SchemaChecker
from app.registered_documents import RegisteredDocuments, Source
from app.registry import Registry
from app.uses import Uses
from db.reads.identity import usable_signing_keys
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.signing_key import SigningKey
from domain.payouts.state import PayoutRail
from domain.uploads import Storage
from integrations.argon2.pins import Argon2Pins
from integrations.bank_files import BankFileFormats
from integrations.bank_statements import BankStatementFormats
from integrations.ecdsa.device_signatures import P256Signatures
from integrations.jwt.key_ring import KeyRing
from integrations.jwt.token_issuer import JwtIssuer
from integrations.mpesa.statement import MpesaStatement
from integrations.one_time_codes.totp import TimeCodes
from integrations.phone_numbers.plans import NumberingPlans
from integrations.qr_images.segno_images import QrImages
from integrations.sealing.digests import KeyedDigests
from integrations.sealing.sealer import AesSealer
from integrations.storage.links import FileLinks
from integrations.storage.object_storage import storage_at
from realtime.broadcast import MEMORY, Broadcast
from realtime.cursors import CursorSeal
from realtime.hub import Hub
from realtime.metrics import RealtimeMetrics
from realtime.publishing import publishing_table
from realtime.replay import LiveStreams
from resolvers.executable_schema import build_schema
from resolvers.policy import ApiPolicy
from resolvers.settings_cache import SettingsCache
from tests.api import Api, ApiProcess
from tests.commands import Commands
from transport.operations import Operations


@pytest.fixture(scope="session")
def schema() -> strawberry.Schema:
    """The executable schema."""
    return build_schema()


@pytest.fixture(scope="session")
def operations(schema: strawberry.Schema) -> Operations:
    """Its operations, run as the environment says."""
    return Operations(schema, policy=ApiPolicy(), mode=Settings().execution)


@pytest.fixture
def gateways(commands: Commands) -> Gateways:
    """The real ones, at the test's time; no key signs until a test founds one."""

    async def load_keys(at: datetime) -> Sequence[SigningKey]:
        async with commands.database.read() as connection:
            return await usable_signing_keys(connection, at=at)

    digests, sealer = KeyedDigests(bytes(32)), AesSealer(bytes(32))
    return Gateways(
        secrets=digests,
        sealer=sealer,
        pins=Argon2Pins(digests),
        phone_numbers=NumberingPlans(region="KE"),
        device_signatures=P256Signatures(),
        tokens=JwtIssuer(KeyRing(load_keys, sealer=sealer, clock=commands.clock)),
        one_time_codes=TimeCodes(),
        qr_pictures=QrImages(),
        bank_files=BankFileFormats(),
        statement_readers={PayoutRail.BANK_TRANSFER: BankStatementFormats(), PayoutRail.MPESA: MpesaStatement()},
    )


@pytest.fixture
def storage(commands: Commands, tmp_path: Path) -> Storage:
    """A folder."""
    return storage_at(f"file://{tmp_path}", FileLinks(bytes(32), clock=commands.clock))


@pytest_asyncio.fixture
async def registry(operations: Operations, commands: Commands) -> Registry:
    """The registered operations of this test's database, as one process knows them."""
    documents = RegisteredDocuments()
    uses = Uses(commands.database, clock=commands.clock)
    await documents.open(Source(commands.database, commands.clock, uses))
    return Registry(documents, SchemaChecker(operations.prepare))


@pytest_asyncio.fixture
async def api(
    operations: Operations, commands: Commands, gateways: Gateways, registry: Registry, storage: Storage
) -> AsyncIterator[Api]:
    """The API on this test's database, used by somebody unknown."""
    metrics = RealtimeMetrics(CollectorRegistry())
    async with Broadcast(MEMORY) as broadcast:
        process = ApiProcess(
            operations=operations,
            commands=commands,
            settings=SettingsCache(commands.database),
            gateways=gateways,
            registry=registry,
            storage=storage,
            live=LiveStreams(
                commands.database,
                Hub(broadcast, metrics),
                publishing_table(),
                metrics,
                cursors=CursorSeal(b"only for tests"),
            ),
        )
        yield Api(process, Actor.anonymous(address="203.0.113.9"))
