"""What a use case may ask besides its storage: things that are computed, never a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from domain.identity.address import PhoneNumbers
from domain.identity.ports import DeviceSignatures, OneTimeCodes, PinHasher, TokenIssuer
from domain.payouts.bank_file import BankFileWriter
from domain.payouts.state import PayoutRail
from domain.payouts.statement import StatementReader


class SecretHasher(Protocol):
    """Keyed digests: without the key nobody can try out what was digested, however few the possibilities."""

    def digest(self, purpose: str, *parts: str) -> bytes:
        """32 bytes for these parts; the same parts for another purpose have another digest."""
        ...


class Sealer(Protocol):
    """Keeps text secret and unaltered in storage."""

    def seal(self, text: str, *, about: str) -> bytes:
        """The text, readable by `unseal` with the same `about` only: a sealed text is worth nothing elsewhere."""
        ...

    def unseal(self, sealed: bytes, *, about: str) -> str:
        """The text. What was altered, moved, or sealed under another key is a fault of ours and raises ValueError."""
        ...


class QrPictures(Protocol):
    """Draws codes that phones read."""

    def svg(self, text: str) -> str:
        """As a drawing to stand within a page."""
        ...

    def drawing(self, text: str) -> bytes:
        """As a drawing that is a file of its own, for print."""
        ...

    def png(self, text: str) -> bytes:
        """As a picture."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateways:
    """All of them, as the composition root put them together."""

    secrets: SecretHasher
    sealer: Sealer
    pins: PinHasher
    phone_numbers: PhoneNumbers
    device_signatures: DeviceSignatures
    tokens: TokenIssuer
    one_time_codes: OneTimeCodes
    qr_pictures: QrPictures
    bank_files: BankFileWriter
    statement_readers: Mapping[PayoutRail, StatementReader]
    """Of the rails whose statement finance brings."""
