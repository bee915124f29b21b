"""A wallet as it is shown: as the domain tells it, or what a read found of it."""

from __future__ import annotations

from typing import Protocol

from domain.ids import UserId, WalletId
from domain.money import Asset, Money


class ShownWallet(Protocol):
    """Everything of a wallet that its owner sees."""

    @property
    def id(self) -> WalletId:
        """Which one."""
        ...

    @property
    def owner_id(self) -> UserId:
        """Whose it is."""
        ...

    @property
    def asset(self) -> Asset:
        """What it holds."""
        ...

    @property
    def balance(self) -> Money:
        """What was booked."""
        ...

    @property
    def held(self) -> Money:
        """What is set aside of it."""
        ...

    @property
    def available(self) -> Money:
        """What may be spent: the balance less what is held."""
        ...

    @property
    def version(self) -> int:
        """Grows with every change."""
        ...
