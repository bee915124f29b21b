"""A tip code: what a card shows, and what a phone reads from it."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.gateways import SecretHasher
from domain.ids import IdKind, TipQrId, WorkerId, encode_id
from domain.money import Asset, Money
from domain.tips.errors import TipQrNotFound

SCHEME: Final = "sokoni://tip/"
_ID_BYTES: Final = 16
_SEAL_BYTES: Final = 10
_PURPOSE: Final = "tip qr"


@dataclass(eq=False, kw_only=True)
class TipQr:
    """A worker's code. A dynamic one asks for an amount, or says where it hangs; a static one says only whose it is.

    The short code is what is typed instead; codes of before there were any have none.
    """

    id: TipQrId
    worker_id: WorkerId
    amount_minor: int | None = None
    spot: str | None = None
    short_code: str | None = None
    made_at: datetime
    withdrawn_at: datetime | None = None
    version: int = 0

    @property
    def label(self) -> str:
        """Its public id."""
        return encode_id(IdKind.TIP_QR, self.id)

    @property
    def amount(self) -> Money | None:
        """What it asks for: tips are in shillings."""
        return None if self.amount_minor is None else Money(self.amount_minor, Asset.KES)

    @property
    def is_dynamic(self) -> bool:
        """Whether it says more than whose it is."""
        return self.amount_minor is not None or self.spot is not None


def token_of(qr_id: TipQrId, secrets: SecretHasher) -> str:
    """What the picture holds: the id and a seal of ours, 42 signs that every QR mode takes."""
    return base64.b32encode(qr_id.bytes + _seal(qr_id, secrets)).decode().rstrip("=")


def qr_id_of(token: str, secrets: SecretHasher) -> TipQrId:
    """Read a token, with or without its scheme.

    Raises:
        TipQrNotFound: it is not one of ours, or was altered.
    """
    text = token.strip().removeprefix(SCHEME).upper()
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8)) if text.isascii() else b""
    except binascii.Error:
        raw = b""
    if len(raw) != _ID_BYTES + _SEAL_BYTES:
        raise TipQrNotFound
    qr_id = TipQrId(UUID(bytes=raw[:_ID_BYTES]))
    if not hmac.compare_digest(raw[_ID_BYTES:], _seal(qr_id, secrets)):
        raise TipQrNotFound
    return qr_id


def _seal(qr_id: TipQrId, secrets: SecretHasher) -> bytes:
    return secrets.digest(_PURPOSE, str(qr_id))[:_SEAL_BYTES]
