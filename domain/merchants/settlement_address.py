"""Settlement address: where a merchant's USDT go. Another one holds after a day, so that a thief can be stopped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.ids import IdKind, MerchantId, SettlementAddressId, UserId, encode_id
from domain.merchants.chain_address import SettlementNetwork
from domain.merchants.events import SettlementAddressUpdated
from domain.merchants.merchant import Merchant

COOLING_OFF: Final = timedelta(hours=24)


class SettlementAddressState(StrEnum):
    """Where an address stands."""

    PENDING = "PENDING"
    """It will hold once its day is over, unless somebody cancels it."""
    IN_FORCE = "IN_FORCE"
    """The merchant is paid there."""
    FORMER = "FORMER"
    """Another one came after it."""
    CANCELLED = "CANCELLED"
    """It never held."""


@dataclass(eq=False, kw_only=True)
class SettlementAddress:
    """One address that was set. Which one holds follows from the time: the newest that holds and was not cancelled."""

    id: SettlementAddressId
    merchant_id: MerchantId
    network: SettlementNetwork
    address: str
    set_by: UserId
    set_at: datetime
    in_force_at: datetime
    cancelled_by: UserId | None = None
    cancelled_at: datetime | None = None
    version: int = 0

    def is_pending(self, at: datetime) -> bool:
        """Whether it is to hold later."""
        return self.cancelled_at is None and at < self.in_force_at

    def is_same(self, network: SettlementNetwork, address: str) -> bool:
        """Whether it is this place."""
        return (self.network, self.address) == (network, address)

    def cancel(self, *, by: UserId, at: datetime) -> None:
        """It shall never hold."""
        assert self.is_pending(at), "what holds is not cancelled"
        self.cancelled_by, self.cancelled_at = by, at
        self.version += 1

    def state(self, at: datetime, *, in_force: SettlementAddressId | None) -> SettlementAddressState:
        """Where it stands; `in_force` is the one that holds."""
        if self.cancelled_at is not None:
            return SettlementAddressState.CANCELLED
        if self.is_pending(at):
            return SettlementAddressState.PENDING
        return SettlementAddressState.IN_FORCE if self.id == in_force else SettlementAddressState.FORMER

    def told(self, merchant: Merchant, state: SettlementAddressState) -> SettlementAddressUpdated:
        """For its merchant."""
        return SettlementAddressUpdated(
            merchant_id=merchant.id,
            owner_id=merchant.owner_id,
            address_id=self.id,
            network=self.network.value,
            address=self.address,
            state=state.value,
            in_force_at=self.in_force_at,
        )

    @property
    def label(self) -> str:
        """Its public id."""
        return encode_id(IdKind.SETTLEMENT_ADDRESS, self.id)


def in_force(known: Iterable[SettlementAddress], at: datetime) -> SettlementAddress | None:
    """The one that holds at this instant, if there is one."""
    holding = (one for one in known if one.cancelled_at is None and one.in_force_at <= at)
    return max(holding, key=lambda one: (one.in_force_at, one.id), default=None)
