"""The audit trail, for those who answer for the market."""

from __future__ import annotations

import strawberry

from db.reads.audit import audit_page
from domain.audit import AuditFilter
from domain.identity.roles import Permission
from resolvers.context import Info
from schema.access import holders_of
from schema.audit import AuditEntry, AuditFilterInput
from schema.fields import query
from schema.pages import Connection, scope_of


@strawberry.type
class AuditQuery:
    """What can be asked of the trail."""

    @query(access=holders_of(Permission.AUDIT_READ))
    async def audit_trail(
        self, info: Info, filter: AuditFilterInput | None = None, first: int | None = None, after: str | None = None
    ) -> Connection[AuditEntry]:
        """Commands that were carried out, the newest first; refused ones changed nothing and leave no entry."""
        wanted = filter.parse() if filter else AuditFilter()
        cursors, scope = info.context.cursors, scope_of("auditTrail", wanted)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await audit_page(connection, wanted=wanted, page=request)
        return Connection.of(page.map(AuditEntry.of), cursors=cursors, scope=scope, request=request)
