"""A payment, live and for its payer alone."""

from __future__ import annotations

from collections.abc import AsyncIterable

import strawberry

from db.engine import Connection
from domain.payments import events as domain
from domain.wallets.shown_payment import ShownPayment
from realtime.channels import payment_channel
from realtime.envelope import Envelope
from resolvers.context import ApiContext, Info
from resolvers.payments import own_payment, payment_id_of
from resolvers.streams import live_source, personal
from schema.access import SIGNED_IN
from schema.fields import subscription
from schema.payment_events import (
    PaymentArrivedLate,
    PaymentCredited,
    PaymentSnapshot,
    PaymentStreamItem,
    PaymentUpdated,
)
from schema.payments import PaymentIntent
from schema.scalars import StreamCursor
from schema.streams import EventHead


@strawberry.type
class PaymentSubscription:
    """What payers are told live."""

    @subscription(access=SIGNED_IN)
    async def payment_events(
        self, info: Info, payment_id: strawberry.ID, after: StreamCursor | None = None, snapshot: bool = True
    ) -> AsyncIterable[PaymentStreamItem]:
        """Where one of your own payments stands. The payment comes first, unless you resume."""
        context, payment = info.context, payment_id_of(payment_id)

        async def read(connection: Connection) -> ShownPayment:
            return await own_payment(connection, payment, context.actor)

        async with context.database.read() as connection:
            await read(connection)
        return live_source(
            context,
            payment_channel(payment),
            viewer=personal(context.actor),
            after=after,
            snapshot=read if snapshot else None,
            show=lambda state, place: PaymentSnapshot(payment=PaymentIntent.of(state), **place),
            tell=lambda envelope, head: told(context, envelope, head),
        )


def told(
    context: ApiContext, envelope: Envelope, head: EventHead
) -> PaymentUpdated | PaymentCredited | PaymentArrivedLate:
    """The event as the payer reads it."""
    match context.live.table.fact(envelope):
        case domain.PaymentUpdated() as event:
            return PaymentUpdated.of(event, head)
        case domain.PaymentCredited() as event:
            return PaymentCredited.of(event, head)
        case domain.PaymentArrivedLate() as event:
            return PaymentArrivedLate.of(event, head)
    raise AssertionError(f"{envelope.name} is not told to payers")
