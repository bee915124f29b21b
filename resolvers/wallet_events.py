"""A wallet, live and for its owner alone."""

from __future__ import annotations

from collections.abc import AsyncIterable

import strawberry

from db.engine import Connection
from db.reads.wallets import wallets_by_ids
from domain.identity.actor import Actor
from domain.ids import WalletId
from domain.ledger import events as domain
from domain.wallets.errors import WalletNotFound
from domain.wallets.wallet import WalletBalance
from realtime.channels import wallet_channel
from realtime.envelope import Envelope
from resolvers.context import ApiContext, Info
from resolvers.streams import live_source, personal
from resolvers.wallets import wallet_id_of
from schema.access import SIGNED_IN
from schema.fields import subscription
from schema.scalars import StreamCursor
from schema.streams import EventHead
from schema.wallet_events import HoldChanged, WalletSnapshot, WalletStreamItem, WalletUpdated
from schema.wallets import Wallet


@strawberry.type
class WalletSubscription:
    """What owners are told live about their wallets."""

    @subscription(access=SIGNED_IN)
    async def wallet_events(
        self, info: Info, wallet_id: strawberry.ID, after: StreamCursor | None = None, snapshot: bool = True
    ) -> AsyncIterable[WalletStreamItem]:
        """Money that comes, goes, or is set aside in one of your own wallets. It comes first, unless you resume."""
        context, wallet = info.context, wallet_id_of(wallet_id)

        async def read(connection: Connection) -> WalletBalance:
            return await own_wallet(connection, wallet, context.actor)

        async with context.database.read() as connection:
            await read(connection)
        return live_source(
            context,
            wallet_channel(wallet),
            viewer=personal(context.actor),
            after=after,
            snapshot=read if snapshot else None,
            show=lambda state, place: WalletSnapshot(wallet=Wallet.of(state), **place),
            tell=lambda envelope, head: told(context, envelope, head),
        )


async def own_wallet(connection: Connection, wallet_id: WalletId, actor: Actor) -> WalletBalance:
    """The wallet. Raises WalletNotFound when the actor has none of this id."""
    wallet = (await wallets_by_ids(connection, [wallet_id])).get(wallet_id)
    if wallet is None or wallet.owner_id != actor.user:
        raise WalletNotFound
    return wallet


def told(context: ApiContext, envelope: Envelope, head: EventHead) -> WalletUpdated | HoldChanged:
    """The event as its wallet's owner reads it."""
    match context.live.table.fact(envelope):
        case domain.BalanceChanged() as event:
            return WalletUpdated.of(event, head)
        case domain.HoldChanged() as event:
            return HoldChanged.of(event, head)
    raise AssertionError(f"{envelope.name} is not told to owners of wallets")
