"""Payouts: asked for by people, decided by finance, told live."""

from __future__ import annotations

from collections.abc import AsyncIterable
from datetime import timedelta

import strawberry

from db.engine import Connection as DatabaseConnection
from db.reads.payouts import open_payouts, payout_by_id, payouts_of
from domain.errors import FieldFault, InvalidInput
from domain.identity.actor import Actor
from domain.identity.roles import Permission
from domain.ids import IdKind, PayoutId, decode_id
from domain.money import Asset, Money
from domain.payouts import events as domain
from domain.payouts.errors import PayoutNotFound
from domain.payouts.outcome import Failed, Paid
from domain.payouts.payout import Payout as Leaving
from domain.payouts.requesting import TIER_SETTINGS, PayoutTerms, request_payout
from domain.payouts.review import approve_payout, reject_payout
from domain.payouts.settling import settle_payout
from domain.plain import to_plain
from realtime.channels import payout_channel
from realtime.envelope import Envelope
from resolvers.context import Info
from resolvers.streams import live_source, personal
from schema.access import IN_SESSION, SIGNED_IN, holders_of
from schema.fields import mutation, query, subscription
from schema.pages import Connection, scope_of
from schema.payouts import (
    Payout,
    PayoutApproveInput,
    PayoutApprovePayload,
    PayoutRejectInput,
    PayoutRejectPayload,
    PayoutRequestInput,
    PayoutRequestPayload,
    PayoutSettleInput,
    PayoutSettlePayload,
    PayoutSnapshot,
    PayoutStreamItem,
    PayoutUpdated,
)
from schema.scalars import StreamCursor
from schema.streams import EventHead


def payout_id_of(text: str, *, path: tuple[str, ...] = ("payoutId",)) -> PayoutId:
    """Read a payout's id. Raises InvalidInput."""
    return PayoutId(decode_id(IdKind.PAYOUT, text, path=path))


async def visible_payout(connection: DatabaseConnection, payout_id: PayoutId, actor: Actor) -> Leaving:
    """The actor's own payout, or anybody's for those who decide. Raises PayoutNotFound."""
    found = await payout_by_id(connection, payout_id)
    if found is None or not (found.owner_id == actor.user or actor.may(Permission.PAYOUT_REVIEW)):
        raise PayoutNotFound
    return found


async def terms_of(info: Info) -> PayoutTerms:
    """What the settings let out, and the rails that are open here."""
    settings = (await info.context.settings.current()).settings
    return PayoutTerms(
        day_limit=Money(int(settings["payout_day_limit_usdt_minor"].value), Asset.USDT),
        tier_limits={tier: Money(int(settings[key].value), Asset.USDT) for tier, key in TIER_SETTINGS.items()},
        two_persons_from=Money(int(settings["payout_two_persons_from_usdt_minor"].value), Asset.USDT),
        stale_after=timedelta(seconds=int(settings["rate_stale_after_seconds"].value)),
        rails=info.context.payout_rails,
    )


@strawberry.type
class ViewerPayouts:
    """What the viewer had paid out."""

    @query(access=SIGNED_IN)
    async def payouts(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[Payout]:
        """Your payouts, the newest first. Pages of 1 to 50, 20 when nothing is said."""
        owner = info.context.actor.user_id
        cursors, scope = info.context.cursors, scope_of("viewer.payouts", owner)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await payouts_of(connection, owner, page=request)
        return Connection.of(page.map(Payout.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class PayoutQuery:
    """What can be asked about payouts."""

    @query(access=SIGNED_IN)
    async def payout(self, info: Info, id: strawberry.ID) -> Payout:
        """One of your own payouts; those who decide see everybody's."""
        async with info.context.database.read() as connection:
            return Payout.of(await visible_payout(connection, payout_id_of(id, path=("id",)), info.context.actor))

    @query(access=holders_of(Permission.PAYOUT_REVIEW))
    async def payout_queue(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[Payout]:
        """Payouts that have not ended, the one that waits longest first."""
        cursors, scope = info.context.cursors, scope_of("payoutQueue")
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await open_payouts(connection, page=request)
        return Connection.of(page.map(Payout.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class PayoutMutation:
    """How money leaves."""

    @mutation(access=IN_SESSION, once=True)
    async def payout_request(self, info: Info, input: PayoutRequestInput) -> PayoutRequestPayload:
        """Ask for money of yours, three times a day, within five minutes of pinVerify or totpVerify."""
        amount, terms = input.amount.parse(), await terms_of(info)
        async with info.context.unit_of_work() as uow:
            payout = await request_payout(
                uow,
                info.context.gateways,
                amount=amount,
                rail=input.rail,
                destination=input.destination,
                terms=terms,
            )
            payload = PayoutRequestPayload(payout=Payout.of(payout))
            uow.remember(to_plain(payload))
        return payload

    @mutation(access=holders_of(Permission.PAYOUT_REVIEW), once=True)
    async def payout_approve(self, info: Info, input: PayoutApproveInput) -> PayoutApprovePayload:
        """Let a payout leave; a large one when a second person approves it as well."""
        payout_id = payout_id_of(input.payout_id)
        async with info.context.unit_of_work() as uow:
            payout = await approve_payout(uow, payout_id=payout_id)
            payload = PayoutApprovePayload(payout=Payout.of(payout))
            uow.remember(to_plain(payload))
        return payload

    @mutation(access=holders_of(Permission.PAYOUT_REVIEW))
    async def payout_reject(self, info: Info, input: PayoutRejectInput) -> PayoutRejectPayload:
        """Keep a payout here; the money is available again, and its owner reads why."""
        async with info.context.unit_of_work() as uow:
            payout = await reject_payout(uow, payout_id=payout_id_of(input.payout_id), reason=input.reason)
        return PayoutRejectPayload(payout=Payout.of(payout))

    @mutation(access=holders_of(Permission.PAYOUT_REVIEW), once=True)
    async def payout_settle(self, info: Info, input: PayoutSettleInput) -> PayoutSettlePayload:
        """Say what became of a payout that is under way, where its rail cannot. That a payout did not leave which two
        persons let leave is said by somebody else than those.
        """
        payout_id, outcome = payout_id_of(input.payout_id), outcome_of(input)
        async with info.context.unit_of_work() as uow:
            payout = await settle_payout(uow, payout_id=payout_id, outcome=outcome, reason=input.reason)
            payload = PayoutSettlePayload(payout=Payout.of(payout))
            uow.remember(to_plain(payload))
        return payload


def outcome_of(given: PayoutSettleInput) -> Paid | Failed:
    """What finance says. Raises InvalidInput unless it is one thing."""
    if given.receipt_number is not None and given.failure is None:
        return Paid(given.receipt_number)
    if given.failure is not None and given.receipt_number is None:
        return Failed(given.failure)
    raise InvalidInput(FieldFault((), "takes receiptNumber or failure, and not both"))


@strawberry.type
class PayoutSubscription:
    """What owners of payouts are told live."""

    @subscription(access=SIGNED_IN)
    async def payout_events(
        self, info: Info, payout_id: strawberry.ID, after: StreamCursor | None = None, snapshot: bool = True
    ) -> AsyncIterable[PayoutStreamItem]:
        """Where one of your own payouts stands. The payout comes first, unless you resume."""
        context, payout = info.context, payout_id_of(payout_id)

        async def read(connection: DatabaseConnection) -> Leaving:
            return await visible_payout(connection, payout, context.actor)

        def told(envelope: Envelope, head: EventHead) -> PayoutUpdated:
            event = context.live.table.fact(envelope)
            assert isinstance(event, domain.PayoutUpdated), f"{envelope.name} is not told about payouts"
            return PayoutUpdated.told(event, head)

        async with context.database.read() as connection:
            await read(connection)
        return live_source(
            context,
            payout_channel(payout),
            viewer=personal(context.actor),
            after=after,
            snapshot=read if snapshot else None,
            show=lambda state, place: PayoutSnapshot(payout=Payout.of(state), **place),
            tell=told,
        )
