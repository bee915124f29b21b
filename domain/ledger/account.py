"""Accounts by name: whose money it is, in which asset, and how strictly the account is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from typing import Final
from uuid import UUID, uuid5

from domain.ids import UserId, WalletId
from domain.money import Asset

SEPARATOR: Final = ":"
_UUID_LENGTH: Final = 36
_REMEMBERED_MAX: Final = 16_384


class AccountKind(Enum):
    """How strictly an account is kept.

    A floored account never falls below what is held on it. A hot one takes credits without being locked: its
    balance is a snapshot and the entries since, so that those who pay it do not wait for each other.
    """

    WALLET = ("WALLET", True, False)
    PAYABLE = ("PAYABLE", True, True)
    REVENUE = ("REVENUE", True, True)
    HOUSE = ("HOUSE", False, True)

    is_floored: bool
    """Whether it may not be overdrawn."""
    is_hot: bool
    """Whether credits pass it by without a lock."""

    def __init__(self, name: str, is_floored: bool, is_hot: bool) -> None:
        self.is_floored, self.is_hot = is_floored, is_hot


@dataclass(frozen=True)
class AccountRef:
    """The name of one account. It exists from the first time that money reaches it.

    A segment that is a UUID says whose it is; the rest says what it is for.
    """

    segments: tuple[str | UUID, ...]
    asset: Asset
    kind: AccountKind

    @classmethod
    def of_path(cls, path: str, kind: AccountKind) -> AccountRef:
        """The account of a stored path."""
        *segments, asset = path.split(SEPARATOR)
        return cls(tuple(UUID(text) if len(text) == _UUID_LENGTH else text for text in segments), Asset[asset], kind)

    @cached_property
    def path(self) -> str:
        """The unique name, which is also the order in which accounts are locked."""
        return SEPARATOR.join((*map(str, self.segments), self.asset.code))

    def __hash__(self) -> int:
        return hash(self.path)

    @cached_property
    def pattern(self) -> str:
        """What the account is for, whoever it belongs to and in whatever asset: `user:*:wallet`."""
        return SEPARATOR.join("*" if isinstance(segment, UUID) else segment for segment in self.segments)

    @cached_property
    def owner(self) -> UserId | None:
        """The person whose wallet this is."""
        if self.kind is not AccountKind.WALLET:
            return None
        return next(UserId(segment) for segment in self.segments if isinstance(segment, UUID))

    @cached_property
    def wallet_id(self) -> WalletId | None:
        """The id under which its owner sees it."""
        return wallet_id_of(self.owner, self.asset) if self.owner else None


@lru_cache(maxsize=_REMEMBERED_MAX)
def wallet_id_of(owner: UserId, asset: Asset) -> WalletId:
    """A person has one wallet in an asset, so the two name it: nobody has to look its id up."""
    return WalletId(uuid5(owner, asset.code))
