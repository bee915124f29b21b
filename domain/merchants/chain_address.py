"""Addresses on chains: what is sent to a mistyped one is lost for good, so only what checks itself is taken."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.merchants.keccak import keccak_256

_HEX: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_BASE_58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_TRON_LENGTH: Final = 34
_TRON_BYTES: Final = 25
_TRON_PREFIX: Final = 0x41
_CHECKSUM_BYTES: Final = 4
_UPPER_FROM: Final = 8


class SettlementNetwork(StrEnum):
    """The chain on which a merchant is paid its USDT."""

    BSC = "BSC"
    """BNB Smart Chain."""
    TRON = "TRON"
    """Tron."""


def checked_address(network: SettlementNetwork, text: str, *, path: tuple[str, ...] = ("address",)) -> str:
    """An address that somebody can have on this network, as it was spelled.

    Raises:
        InvalidInput: it is none, its checksum is wrong or missing, or nobody has the key to it.
    """
    address = text.strip()
    match network:
        case SettlementNetwork.BSC:
            _require_bsc(address, path)
        case SettlementNetwork.TRON:
            _require_tron(address, path)
    return address


def _require_bsc(address: str, path: tuple[str, ...]) -> None:
    if not _HEX.fullmatch(address):
        raise InvalidInput(FieldFault(path, "must be 0x and 40 hexadecimal digits"))
    if int(address, 16) == 0:
        raise InvalidInput(FieldFault(path, "is nobody's address"))
    if address != checksummed(address):
        # Capital letters are the checksum (EIP-55); without them a wrong digit would not be found.
        raise InvalidInput(FieldFault(path, "must be spelled with the capital letters that are its checksum (EIP-55)"))


def checksummed(address: str) -> str:
    """An address with its checksum: a digit is a capital where its digest's is 8 or more (EIP-55)."""
    digits = address.removeprefix("0x").lower()
    digest = keccak_256(digits.encode()).hex()
    spelled = (
        digit.upper() if int(sign, 16) >= _UPPER_FROM else digit for digit, sign in zip(digits, digest, strict=False)
    )
    return "0x" + "".join(spelled)


def _require_tron(address: str, path: tuple[str, ...]) -> None:
    """Base58Check: 0x41, twenty bytes, and the beginning of a doubled SHA-256 over both."""
    if len(address) != _TRON_LENGTH or any(sign not in _BASE_58 for sign in address):
        raise InvalidInput(FieldFault(path, "must be T and 33 signs of base 58"))
    number = 0
    for sign in address:
        number = number * len(_BASE_58) + _BASE_58.index(sign)
    raw = number.to_bytes(_TRON_BYTES + 1, "big").removeprefix(b"\0")
    body, checksum = raw[:-_CHECKSUM_BYTES], raw[-_CHECKSUM_BYTES:]
    expected = hashlib.sha256(hashlib.sha256(body).digest()).digest()[:_CHECKSUM_BYTES]
    if len(raw) != _TRON_BYTES or raw[0] != _TRON_PREFIX or checksum != expected:
        raise InvalidInput(FieldFault(path, "is no address on Tron, or was mistyped"))
    if not any(body[1:]):
        raise InvalidInput(FieldFault(path, "is nobody's address"))
