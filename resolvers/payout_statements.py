"""Statements about payouts: finance brings them, and reads what became of every line."""

from __future__ import annotations

import asyncio

import strawberry

from db.reads.payout_statements import lines_of_statement, same_statement, statement_by_id, statement_page
from domain.errors import FieldFault, InvalidInput
from domain.identity.roles import Permission
from domain.ids import IdKind, PayoutStatementId, decode_id
from domain.payouts.errors import PayoutStatementNotFound
from domain.payouts.statements import submit_statement
from domain.uploads import UploadPurpose, checked_upload
from resolvers.context import Info
from schema.access import holders_of
from schema.fields import mutation, query
from schema.pages import Connection, scope_of
from schema.payout_statements import (
    PayoutStatement,
    PayoutStatementLine,
    PayoutStatementSubmitInput,
    PayoutStatementSubmitPayload,
)
from schema.uploads import file_of


def statement_id_of(text: str, *, path: tuple[str, ...] = ("statementId",)) -> PayoutStatementId:
    """Read a statement's id. Raises InvalidInput."""
    return PayoutStatementId(decode_id(IdKind.PAYOUT_STATEMENT, text, path=path))


@strawberry.type
class PayoutStatementQuery:
    """What can be asked about statements."""

    @query(access=holders_of(Permission.PAYOUT_REVIEW))
    async def payout_statement(self, info: Info, id: strawberry.ID) -> PayoutStatement:
        """One statement about payouts."""
        statement_id = statement_id_of(id, path=("id",))
        async with info.context.database.read() as connection:
            found = await statement_by_id(connection, statement_id)
        if found is None:
            raise PayoutStatementNotFound
        return PayoutStatement.of(found)

    @query(access=holders_of(Permission.PAYOUT_REVIEW))
    async def payout_statements(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[PayoutStatement]:
        """Statements about payouts, the newest first."""
        cursors, scope = info.context.cursors, scope_of("payoutStatements")
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await statement_page(connection, page=request)
        return Connection.of(page.map(PayoutStatement.of), cursors=cursors, scope=scope, request=request)

    @query(access=holders_of(Permission.PAYOUT_REVIEW))
    async def payout_statement_lines(
        self, info: Info, statement_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Connection[PayoutStatementLine]:
        """The lines of a statement in their order, each with what became of it."""
        statement = statement_id_of(statement_id)
        cursors, scope = info.context.cursors, scope_of("payoutStatementLines", statement)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await lines_of_statement(connection, statement, page=request)
        return Connection.of(page.map(PayoutStatementLine.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class PayoutStatementMutation:
    """How the word of a rail comes in."""

    @mutation(access=holders_of(Permission.PAYOUT_REVIEW))
    async def payout_statement_submit(
        self, info: Info, input: PayoutStatementSubmitInput
    ) -> PayoutStatementSubmitPayload:
        """Bring a rail's statement: its lines settle and fail the payouts that they name, each once. Sent again, the
        same file changes nothing.
        """
        context, given = info.context, file_of(input.file)
        reader = context.gateways.statement_readers.get(input.rail)
        if reader is None:
            raise InvalidInput(FieldFault(("rail",), "is none whose statement is brought"))
        content = await given.read()
        file = checked_upload(
            content,
            content_type=given.content_type,
            purpose=UploadPurpose.PAYOUT_STATEMENT,
            owner_id=context.actor.user_id,
            at=context.clock.now(),
        )
        # A large file takes a while to read, and others are answered meanwhile.
        said = await asyncio.to_thread(reader.read, content)
        async with context.database.read() as connection:
            known = await same_statement(connection, input.rail, file.sha256)
        if known is not None:
            return PayoutStatementSubmitPayload(statement=PayoutStatement.of(known))
        # Stored before the command and outside of it; a file that no command refers to is no harm.
        await context.storage.put(file.key, content, content_type=file.content_type)
        async with context.unit_of_work() as uow:
            statement = await submit_statement(uow, rail=input.rail, said=said, file=file)
        return PayoutStatementSubmitPayload(statement=PayoutStatement.of(statement))
