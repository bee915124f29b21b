"""Where merchants are settled, as the API shows and takes it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain.ids import IdKind, SettlementAddressId, encode_id
from domain.merchants import events
from domain.merchants.chain_address import SettlementNetwork
from domain.merchants.merchant import MerchantStatus
from domain.merchants.settlement_address import SettlementAddress as Place
from domain.merchants.settlement_address import SettlementAddressState
from schema.errors import Payload
from schema.merchants import Merchant
from schema.node import Node
from schema.scalars import BigInt, StreamCursor
from schema.streams import DomainEvent, EventHead, StreamGap, StreamHeartbeat

strawberry.enum(SettlementNetwork, description="The chain on which a merchant is paid its USDT; more may come.")
strawberry.enum(SettlementAddressState, description="Where an address stands that was set for a merchant.")


@strawberry.type
class SettlementAddress(Node):
    """An address at which a merchant is, was, or will be paid its USDT."""

    network: SettlementNetwork
    """The chain."""
    address: str
    """As it was spelled."""
    state: SettlementAddressState
    """Where it stands now."""
    set_at: datetime
    """When somebody set it."""
    in_force_at: datetime
    """From when on it holds, unless it was cancelled before."""
    cancelled_at: datetime | None
    """When it was cancelled, where it was; another one that was set cancels it too."""

    @classmethod
    def of(cls, place: Place, *, at: datetime, in_force: SettlementAddressId | None) -> Self:
        """Of an address that the caller may see, which was asked before. `in_force` is the one that holds."""
        return cls(
            id=strawberry.ID(place.label),
            network=place.network,
            address=place.address,
            state=place.state(at, in_force=in_force),
            set_at=place.set_at,
            in_force_at=place.in_force_at,
            cancelled_at=place.cancelled_at,
        )


@strawberry.input
class SettlementAddressSetInput:
    """Where a merchant is to be paid from tomorrow on."""

    merchant_id: strawberry.ID
    """Your own."""
    network: SettlementNetwork
    """The chain."""
    address: str
    """On BSC with the capital letters that are its checksum (EIP-55); on TRON as wallets show it."""


@strawberry.type
class SettlementAddressSetPayload(Payload):
    """The address, which waits for its day to be over."""

    settlement_address: SettlementAddress | None = None
    """Null when it was refused."""


@strawberry.input
class SettlementAddressCancelInput:
    """Whose waiting address is stopped."""

    merchant_id: strawberry.ID
    """Your own, or anybody's for those who verify."""
    reason: str
    """For the audit trail, 3 to 500 characters."""


@strawberry.type
class SettlementAddressCancelPayload(Payload):
    """The address, cancelled."""

    settlement_address: SettlementAddress | None = None
    """Null when it was refused."""


@strawberry.type
class MerchantSnapshot:
    """The merchant as it stands."""

    merchant: Merchant
    """Yours, or anybody's for those who verify."""
    cursor: StreamCursor
    """Every event after it follows."""
    position: BigInt
    """The number of the last event that it holds; 0 before the first."""


@strawberry.type
class MerchantUpdated(DomainEvent):
    """The merchant was verified or suspended."""

    status: MerchantStatus
    """Whether it may sell from then on."""

    @classmethod
    def told(cls, event: events.MerchantUpdated, head: EventHead) -> Self:
        """From an event of the domain."""
        return cls(**head, status=MerchantStatus(event.status))


@strawberry.type
class SettlementAddressUpdated(DomainEvent):
    """Another address was set, or cancelled before it held."""

    settlement_address_id: strawberry.ID
    """Which."""
    network: SettlementNetwork
    """The chain."""
    address: str
    """As it was spelled."""
    state: SettlementAddressState
    """PENDING or CANCELLED."""
    in_force_at: datetime
    """From when on it holds, unless it is cancelled before."""

    @classmethod
    def told(cls, event: events.SettlementAddressUpdated, head: EventHead) -> Self:
        """From an event of the domain."""
        return cls(
            **head,
            settlement_address_id=strawberry.ID(encode_id(IdKind.SETTLEMENT_ADDRESS, event.address_id)),
            network=SettlementNetwork(event.network),
            address=event.address,
            state=SettlementAddressState(event.state),
            in_force_at=event.in_force_at,
        )


MerchantStreamItem = Annotated[
    MerchantSnapshot | MerchantUpdated | SettlementAddressUpdated | StreamGap | StreamHeartbeat,
    strawberry.union("MerchantStreamItem", description="What merchantEvents tells; more kinds may come."),
]
