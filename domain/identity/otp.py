"""Passcodes: sent to an address, tried by whoever claims to read it."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from domain.errors import AuthenticationRefused, FieldFault, InvalidInput, QuotaExceeded
from domain.gateways import Gateways
from domain.identity.address import Address, parse_address
from domain.identity.errors import PasscodeExpired
from domain.identity.message import MessageChannel, OutgoingMessage
from domain.identity.passcode import PASSCODE_DIGITS, PASSCODE_LIFETIME, Passcode, PasscodePurpose, network_of
from domain.ids import MessageId, PasscodeId, new_id
from domain.unit_of_work import UnitOfWork

QUOTA_WINDOW: Final = timedelta(hours=1)
_CODE: Final = re.compile(rf"[0-9]{{{PASSCODE_DIGITS}}}")
_TEXTS: Final = {
    PasscodePurpose.SIGN_IN: "{code} is your Sokoni code. It is good for 5 minutes. None of us will ask you for it.",
    PasscodePurpose.PIN_RESET: "{code} lets you choose a new Sokoni PIN for 5 minutes. Ignore it if you did not ask.",
}


async def send_passcode(uow: UnitOfWork, *, address: str, purpose: PasscodePurpose, gateways: Gateways) -> datetime:
    """Send a new code, which takes the place of the one before; answers when it expires.

    Whether anybody is known under the address makes no difference, so nothing can be learnt about who is.

    Raises:
        InvalidInput: the address is none.
        QuotaExceeded: five went to this address, or five were asked for from this network, within an hour.
    """
    recipient = parse_address(address, phone_numbers=gateways.phone_numbers)
    digest = _digest_of(recipient, gateways)
    network = network_of(uow.actor.address)
    await _require_quota(uow, address_digest=digest, network=network)
    earlier = await uow.passcodes.find_newest(digest, purpose)
    if earlier is not None:
        earlier.give_way(uow.now)
    code = f"{secrets.randbelow(10**PASSCODE_DIGITS):0{PASSCODE_DIGITS}}"
    passcode_id = PasscodeId(new_id())
    passcode = Passcode(
        id=passcode_id,
        purpose=purpose,
        address_digest=digest,
        network=network,
        code_digest=gateways.secrets.digest("passcode", str(passcode_id), code),
        issued_at=uow.now,
        expires_at=uow.now + PASSCODE_LIFETIME,
    )
    await uow.passcodes.add(passcode)
    await uow.outgoing_messages.add(_message(passcode, recipient, code, gateways))
    return passcode.expires_at


async def try_passcode(
    uow: UnitOfWork, *, address: Address, code: str, purpose: PasscodePurpose, gateways: Gateways
) -> AuthenticationRefused | None:
    """Count a try and say why it is refused, or None when the code is right and thereby used.

    The answer must be committed whatever it is: a try that is rolled back was for free.

    Raises:
        InvalidInput: not six digits, which is no try.
    """
    if not _CODE.fullmatch(code):
        raise InvalidInput(FieldFault(("code",), f"must be {PASSCODE_DIGITS} digits"))
    passcode = await uow.passcodes.find_newest(_digest_of(address, gateways), purpose)
    if passcode is None:
        return PasscodeExpired()
    digest = gateways.secrets.digest("passcode", str(passcode.id), code)
    return passcode.try_out(is_right=hmac.compare_digest(digest, passcode.code_digest), at=uow.now)


def _digest_of(address: Address, gateways: Gateways) -> bytes:
    return gateways.secrets.digest("passcode address", address.value)


async def _require_quota(uow: UnitOfWork, *, address_digest: bytes, network: str) -> None:
    limit = uow.quotas.otp_sends_per_hour
    if limit is None:
        return
    sends = await uow.passcodes.latest_sends(
        address_digest=address_digest, network=network, since=uow.now - QUOTA_WINDOW, limit=limit
    )
    wait = max(_wait(latest, limit=limit, now=uow.now) for latest in sends)
    if wait > timedelta(0):
        raise QuotaExceeded(
            "Too many codes were asked for; try again later.", retry_after_seconds=ceil(wait.total_seconds())
        )


def _wait(latest: Sequence[datetime], *, limit: int, now: datetime) -> timedelta:
    """How long until one more is within the limit; zero or less when it is already."""
    return latest[limit - 1] + QUOTA_WINDOW - now if len(latest) >= limit else timedelta(0)


def _message(passcode: Passcode, recipient: Address, code: str, gateways: Gateways) -> OutgoingMessage:
    message_id = MessageId(new_id())
    text = _TEXTS[passcode.purpose].format(code=code)
    return OutgoingMessage(
        id=message_id,
        channel=MessageChannel.to(recipient),
        sealed_address=gateways.sealer.seal(recipient.value, about=f"message address {message_id}"),
        sealed_text=gateways.sealer.seal(text, about=f"message text {message_id}"),
        useless_at=passcode.expires_at,
        created_at=passcode.issued_at,
        next_attempt_at=passcode.issued_at,
    )
