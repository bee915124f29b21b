"""Signing in with a device's own key: enrolled once, then asked to sign a challenge."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.gateways import Gateways
from domain.identity.device_key import CHALLENGE_LIFETIME, DeviceKey, signed_text
from domain.identity.errors import DeviceSignatureInvalid, SessionIsOver
from domain.identity.outcome import Refused
from domain.identity.session import Device
from domain.identity.signing_in import SignedIn, digest_of, let_in
from domain.ids import DeviceKeyId, new_id
from domain.unit_of_work import UnitOfWork

CHALLENGE_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What the device has to sign, and until when."""

    challenge: str
    expires_at: datetime


async def enroll_device_key(uow: UnitOfWork, *, public_key: str, gateways: Gateways) -> DeviceKey:
    """Let the device of this session sign in with its own key from now on; an earlier key of it is forgotten.

    Raises:
        InvalidInput: not a public key on the curve P-256.
        SessionIsOver: the session ended meanwhile.
    """
    key = gateways.device_signatures.read_public_key(public_key)
    if key is None:
        raise InvalidInput(FieldFault(("publicKey",), "must be a P-256 public key, as PEM or JWK"))
    await uow.users.get_for_update(uow.actor.user_id)
    session = await uow.sessions.get_for_update(uow.actor.session_id)
    if not session.is_live(uow.now):
        raise SessionIsOver
    for earlier in await uow.device_keys.of_person(uow.actor.user_id):
        if earlier.device_digest == session.device_digest:
            await uow.device_keys.remove(earlier)
    enrolled = DeviceKey(
        id=DeviceKeyId(new_id()),
        user_id=session.user_id,
        device_digest=session.device_digest,
        device_name=session.device_name,
        public_key=key,
        enrolled_at=uow.now,
    )
    await uow.device_keys.add(enrolled)
    return enrolled


async def challenge_device_key(uow: UnitOfWork, *, key_id: DeviceKeyId) -> Challenge:
    """Ask a key to sign something new, which takes the place of what was asked before.

    An unknown key is asked as well, so that nothing can be learnt about which there are.
    """
    challenge = secrets.token_urlsafe(CHALLENGE_BYTES)
    key = await uow.device_keys.find_for_update(key_id)
    if key is not None:
        key.ask(challenge, at=uow.now)
    return Challenge(challenge=challenge, expires_at=uow.now + CHALLENGE_LIFETIME)


async def sign_in_with_device_key(
    uow: UnitOfWork, *, key_id: DeviceKeyId, signature: str, device: Device, gateways: Gateways
) -> SignedIn | Refused:
    """Let in whoever holds the key, from the device it was enrolled on.

    Commit whatever it answers: the challenge is used up by the attempt.
    """
    known = await uow.device_keys.find(key_id)
    if known is None:
        return Refused(DeviceSignatureInvalid())
    user = await uow.users.get_for_update(known.user_id)
    key = await uow.device_keys.find_for_update(key_id)
    challenge = key.take_challenge(at=uow.now) if key is not None else None
    if key is None or challenge is None or key.device_digest != digest_of(device.fingerprint, gateways):
        return Refused(DeviceSignatureInvalid())
    is_signed = gateways.device_signatures.is_signed(
        signed_text(key.id, challenge), signature=signature, public_key=key.public_key
    )
    if not is_signed:
        return Refused(DeviceSignatureInvalid())
    return await let_in(uow, user=user, device=device, gateways=gateways)
