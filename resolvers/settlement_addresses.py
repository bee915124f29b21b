"""Where merchants are settled: set with a second factor, cancelled within a day, told live."""

from __future__ import annotations

from collections.abc import AsyncIterable

import strawberry

from db.engine import Connection as DatabaseConnection
from db.reads.merchants import address_in_force, address_page
from domain.merchants import events
from domain.merchants.merchant import Merchant as Business
from domain.merchants.settling_at import cancel_settlement_address, set_settlement_address
from realtime.channels import merchant_channel
from realtime.envelope import Envelope
from resolvers.context import Info
from resolvers.merchants import merchant_id_of, own_merchant, visible_merchant
from resolvers.streams import live_source, personal
from schema.access import IN_SESSION, SIGNED_IN
from schema.fields import mutation, query, subscription
from schema.merchants import Merchant
from schema.pages import Connection, scope_of
from schema.scalars import StreamCursor
from schema.settlement_addresses import (
    MerchantSnapshot,
    MerchantStreamItem,
    MerchantUpdated,
    SettlementAddress,
    SettlementAddressCancelInput,
    SettlementAddressCancelPayload,
    SettlementAddressSetInput,
    SettlementAddressSetPayload,
    SettlementAddressUpdated,
)
from schema.streams import EventHead


@strawberry.type
class SettlementAddressQuery:
    """What can be asked about where merchants are settled."""

    @query(access=SIGNED_IN)
    async def settlement_addresses(
        self, info: Info, merchant_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Connection[SettlementAddress]:
        """Every address that was set for a merchant of yours, the newest first; anybody's for those who verify."""
        merchant, at = await own_merchant(info, merchant_id_of(merchant_id)), info.context.clock.now()
        cursors, scope = info.context.cursors, scope_of("settlementAddresses", merchant.id)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            holding = await address_in_force(connection, merchant.id, at=at)
            page = await address_page(connection, merchant.id, page=request)
        in_force = holding.id if holding else None
        shown = page.map(lambda place: SettlementAddress.of(place, at=at, in_force=in_force))
        return Connection.of(shown, cursors=cursors, scope=scope, request=request)


@strawberry.type
class SettlementAddressMutation:
    """How a merchant says where it is settled."""

    @mutation(access=IN_SESSION)
    async def settlement_address_set(self, info: Info, input: SettlementAddressSetInput) -> SettlementAddressSetPayload:
        """Have a merchant of yours paid elsewhere from tomorrow on, after pinVerify or totpVerify."""
        async with info.context.unit_of_work() as uow:
            place = await set_settlement_address(
                uow,
                info.context.gateways,
                merchant_id=merchant_id_of(input.merchant_id),
                network=input.network,
                address=input.address,
            )
            shown = SettlementAddress.of(place, at=uow.now, in_force=None)
        return SettlementAddressSetPayload(settlement_address=shown)

    @mutation(access=SIGNED_IN)
    async def settlement_address_cancel(
        self, info: Info, input: SettlementAddressCancelInput
    ) -> SettlementAddressCancelPayload:
        """Stop an address that does not hold yet; the one in force stays."""
        async with info.context.unit_of_work() as uow:
            place = await cancel_settlement_address(
                uow, info.context.gateways, merchant_id=merchant_id_of(input.merchant_id), reason=input.reason
            )
            shown = SettlementAddress.of(place, at=uow.now, in_force=None)
        return SettlementAddressCancelPayload(settlement_address=shown)


@strawberry.type
class MerchantSubscription:
    """What merchants are told live."""

    @subscription(access=SIGNED_IN)
    async def merchant_events(
        self, info: Info, merchant_id: strawberry.ID, after: StreamCursor | None = None, snapshot: bool = True
    ) -> AsyncIterable[MerchantStreamItem]:
        """What happens to a merchant of yours: it is verified or suspended, and paid elsewhere. The merchant comes
        first, unless you resume.
        """
        context, merchant = info.context, merchant_id_of(merchant_id)

        async def read(connection: DatabaseConnection) -> Business:
            return await visible_merchant(connection, merchant, context.actor)

        def told(envelope: Envelope, head: EventHead) -> MerchantUpdated | SettlementAddressUpdated:
            match context.live.table.fact(envelope):
                case events.MerchantUpdated() as event:
                    return MerchantUpdated.told(event, head)
                case events.SettlementAddressUpdated() as event:
                    return SettlementAddressUpdated.told(event, head)
            raise AssertionError(f"{envelope.name} is not told to merchants")

        async with context.database.read() as connection:
            await read(connection)
        return live_source(
            context,
            merchant_channel(merchant),
            viewer=personal(context.actor),
            after=after,
            snapshot=read if snapshot else None,
            show=lambda state, place: MerchantSnapshot(merchant=Merchant.of(state), **place),
            tell=told,
        )
