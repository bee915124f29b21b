"""The person who asks, with everything of theirs that each context keeps."""

from __future__ import annotations

import strawberry

from domain.identity.errors import UserNotFound
from resolvers.context import Info
from resolvers.identity import ViewerIdentity
from resolvers.kyc import ViewerKyc
from resolvers.listings import ViewerListings
from resolvers.merchants import ViewerMerchants
from resolvers.orders import ViewerOrders
from resolvers.payments import ViewerPayments
from resolvers.payouts import ViewerPayouts
from resolvers.tip_payouts import ViewerTipPayouts
from resolvers.tips import ViewerTips
from resolvers.wallets import ViewerWallets
from schema.access import SIGNED_IN
from schema.fields import query


@strawberry.type
class Viewer(
    ViewerIdentity,
    ViewerWallets,
    ViewerPayments,
    ViewerPayouts,
    ViewerKyc,
    ViewerListings,
    ViewerMerchants,
    ViewerOrders,
    ViewerTips,
    ViewerTipPayouts,
):
    """You, and what is yours."""


@strawberry.type
class ViewerQuery:
    """Who asks."""

    @query(access=SIGNED_IN)
    async def viewer(self, info: Info) -> Viewer:
        """You, and what is yours."""
        user = await info.context.loaders.user.load(info.context.actor.user_id)
        if user is None:
            raise UserNotFound
        return Viewer(user=user)
