"""Sign-ins that tests start from, through the use cases that people come in by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from db.reads.identity import usable_signing_keys
from db.tables.identity import outgoing_messages
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.key_rotation import found_signing_key
from domain.identity.otp import send_passcode
from domain.identity.passcode import PasscodePurpose
from domain.identity.session import Device, DevicePlatform
from domain.identity.signing_in import SignedIn, sign_in_with_passcode
from domain.identity.signing_key import SigningKey
from domain.payouts.state import PayoutRail
from integrations.argon2.pins import Argon2Pins
from integrations.bank_files import BankFileFormats
from integrations.bank_statements import BankStatementFormats
from integrations.ecdsa.device_signatures import P256Signatures
from integrations.jwt.key_pair import new_signing_key
from integrations.jwt.key_ring import KeyRing
from integrations.jwt.token_issuer import JwtIssuer
from integrations.mpesa.statement import MpesaStatement
from integrations.one_time_codes.totp import TimeCodes
from integrations.phone_numbers.plans import NumberingPlans
from integrations.qr_images.segno_images import QrImages
from integrations.sealing.digests import KeyedDigests
from integrations.sealing.sealer import AesSealer
from tests.commands import Commands

PHONE = "+254712345678"
EMAIL = "amina@example.com"
NETWORK = "203.0.113.9"
SEALER = AesSealer(bytes(32))


def make_ring(commands: Commands) -> KeyRing:
    """The keys of this test's database, as one process knows them."""

    async def load(at: datetime) -> Sequence[SigningKey]:
        async with commands.database.read() as connection:
            return await usable_signing_keys(connection, at=at)

    return KeyRing(load, sealer=SEALER, clock=commands.clock)


def make_gateways(commands: Commands, *, ring: KeyRing | None = None) -> Gateways:
    """The real ones, on keys that only tests know."""
    secrets = KeyedDigests(bytes(32))
    return Gateways(
        secrets=secrets,
        sealer=SEALER,
        pins=Argon2Pins(secrets),
        phone_numbers=NumberingPlans(),
        device_signatures=P256Signatures(),
        tokens=JwtIssuer(ring or make_ring(commands)),
        one_time_codes=TimeCodes(),
        qr_pictures=QrImages(),
        bank_files=BankFileFormats(),
        statement_readers={PayoutRail.BANK_TRANSFER: BankStatementFormats(), PayoutRail.MPESA: MpesaStatement()},
    )


async def found_key(commands: Commands) -> SigningKey:
    """Make sure that a key signs."""
    async with commands.by_system() as uow:
        return await found_signing_key(uow, candidate=new_signing_key(SEALER, at=commands.now))


def make_device(fingerprint: str = "fingerprint-1", *, name: str = "Amina's phone") -> Device:
    """A phone."""
    return Device.checked(fingerprint=fingerprint, name=name, platform=DevicePlatform.ANDROID)


async def ask_code(
    commands: Commands,
    gateways: Gateways,
    address: str = PHONE,
    *,
    network: str = NETWORK,
    purpose: PasscodePurpose = PasscodePurpose.SIGN_IN,
) -> str:
    """Have a code sent, and read it as its receiver would."""
    async with commands.by(Actor.anonymous(address=network)) as uow:
        await send_passcode(uow, address=address, purpose=purpose, gateways=gateways)
    return code_in(await newest_message(commands))


async def newest_message(commands: Commands) -> str:
    """The text of the message that was written last."""
    newest = select(outgoing_messages).order_by(outgoing_messages.c.id.desc()).limit(1)
    async with commands.database.read() as connection:
        row = (await connection.execute(newest)).one()
    return SEALER.unseal(row.sealed_text, about=f"message text {row.id}")


def code_in(text: str) -> str:
    """The six digits of a message."""
    found = re.search(r"\b[0-9]{6}\b", text)
    assert found, text
    return found.group()


def wrong(code: str) -> str:
    """Six other digits."""
    return f"{(int(code) + 1) % 10**6:06}"


async def sign_in(
    commands: Commands, gateways: Gateways, address: str = PHONE, *, device: Device | None = None
) -> SignedIn:
    """Come in by a passcode."""
    code = await ask_code(commands, gateways, address)
    async with commands.by(Actor.anonymous(address=NETWORK)) as uow:
        outcome = await sign_in_with_passcode(
            uow, address=address, code=code, device=device or make_device(), gateways=gateways
        )
    assert isinstance(outcome, SignedIn), outcome
    return outcome


def actor_of(signed_in: SignedIn) -> Actor:
    """The person as their next command is given."""
    return Actor.person(signed_in.user.id, signed_in.session.id, frozenset(signed_in.user.roles), address=NETWORK)
