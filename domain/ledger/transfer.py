"""Transfers: moves that are booked together or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransferCode
from domain.money import Money

# A thousandth of what 64 bits hold, and a billion USDT: thousands of the largest moves fit one account.
MOVE_MINOR_MAX: Final = 10**15
REFERENCE_LENGTH_MAX: Final = 200
NOTE_LENGTH_MAX: Final = 140


@dataclass(frozen=True, slots=True)
class Move:
    """An amount from one account to another: what one loses the other gains."""

    source: AccountRef
    destination: AccountRef
    amount: Money

    def __post_init__(self) -> None:
        assert self.source != self.destination, "a move goes somewhere else"
        assert self.source.asset is self.destination.asset is self.amount.asset, "a move stays within its asset"
        assert 0 < self.amount.minor <= MOVE_MINOR_MAX, "a move has an amount within its limit"


@dataclass(frozen=True)
class Transfer:
    """Moves under one natural reference, such as `tip:{id}:completed`: posting it twice moves nothing twice."""

    reference: str
    code: TransferCode
    moves: tuple[Move, ...]
    note: str | None = None

    def __post_init__(self) -> None:
        assert 0 < len(self.reference) <= REFERENCE_LENGTH_MAX, "a transfer has a reference of bounded length"
        assert self.moves, "a transfer moves something"
        assert all(self.nets.values()), "no account comes out even"
        for move in self.moves:
            route = move.source.pattern, move.destination.pattern
            assert self.code.allows(*route), f"{self.code.name} does not go from {route[0]} to {route[1]}"

    @cached_property
    def nets(self) -> Mapping[AccountRef, int]:
        """What each account gains or loses in minor units, in the order in which accounts are locked."""
        nets: dict[AccountRef, int] = {}
        for move in self.moves:
            nets[move.source] = nets.get(move.source, 0) - move.amount.minor
            nets[move.destination] = nets.get(move.destination, 0) + move.amount.minor
        return dict(sorted(nets.items(), key=lambda net: net[0].path))

    @cached_property
    def fingerprint(self) -> bytes:
        """Equal for transfers that book the same for the same reason, whatever their notes say."""
        lines = [self.code.name]
        lines += [f"{move.source.path}>{move.destination.path}={move.amount.minor}" for move in self.moves]
        return hashlib.sha256("\n".join(lines).encode()).digest()


def reverse(transfer: Transfer, *, note: str | None = None) -> Transfer:
    """The transfer that takes another back. Its reference follows from the other's, so it happens once."""
    moves = tuple(Move(move.destination, move.source, move.amount) for move in reversed(transfer.moves))
    return Transfer(f"{transfer.reference}:reversed", TransferCode.REVERSAL, moves, note)


def require_movable(amount: Money, *, path: tuple[str, ...] = ("amount",)) -> Money:
    """Refuse an amount that no move may have.

    Raises:
        InvalidInput: not above zero, or above the limit of one move.
    """
    amount.require_positive(path=path)
    if amount.minor > MOVE_MINOR_MAX:
        raise InvalidInput(FieldFault(path, f"must be at most {Money(MOVE_MINOR_MAX, amount.asset).amount}"))
    return amount
