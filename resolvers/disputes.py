"""Disputes: what payers' banks ask back, for finance to read."""

from __future__ import annotations

import strawberry

from db.reads.checkouts import disputes_noted
from domain.identity.roles import Permission
from resolvers.context import Info
from schema.access import holders_of
from schema.checkouts import PaymentDispute
from schema.fields import query
from schema.pages import Connection, scope_of


@strawberry.type
class DisputeQuery:
    """What can be asked about disputes."""

    @query(access=holders_of(Permission.PAYMENT_VERIFY))
    async def payment_disputes(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[PaymentDispute]:
        """Payments whose money a payer's bank asks back, the newest dispute first. Pages of 1 to 50."""
        cursors, scope = info.context.cursors, scope_of("paymentDisputes")
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await disputes_noted(connection, page=request)
        return Connection.of(page.map(PaymentDispute.of), cursors=cursors, scope=scope, request=request)
