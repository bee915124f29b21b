"""Statements: what a rail says that it did becomes the end of its payouts, each once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, assert_never

from domain.errors import FieldFault, InvalidInput
from domain.ids import PayoutId, PayoutStatementId, new_id
from domain.payouts.errors import PayoutReceiptUsed
from domain.payouts.execution import WORDS_MAX, record_outcome
from domain.payouts.giving_back import is_involved
from domain.payouts.outcome import Failed, Paid
from domain.payouts.payout import Payout
from domain.payouts.state import PayoutRail, PayoutState
from domain.payouts.statement import ClaimedLine, LineKind, LineState, PayoutStatement, SaidLine, SaidStatement
from domain.settings.market_clock import market_offset
from domain.text import printed_number
from domain.unit_of_work import UnitOfWork
from domain.uploads import Upload

LINES_MAX: Final = 2_000


async def submit_statement(uow: UnitOfWork, *, rail: PayoutRail, said: SaidStatement, file: Upload) -> PayoutStatement:
    """Keep a statement whose file is stored already; its lines are looked at by the market itself, one after another.
    The same file again is the same statement.

    Raises:
        InvalidInput: no line, or more than 2000; or a rail that pays by itself tells of a day that is not over.
    """
    if not 0 < len(said.lines) <= LINES_MAX:
        raise InvalidInput(FieldFault(("file",), f"must say something of 1 to {LINES_MAX} payments"))
    # It pays on: what leaves after this file was made would look as if it had not left.
    if (
        rail.pays_by_itself
        and max(line.booked_on for line in said.lines) >= (uow.now + await market_offset(uow)).date()
    ):
        raise InvalidInput(FieldFault(("file",), "tells of a day that is not over"))
    if (known := await uow.payout_statements.find_same(rail, file.sha256)) is not None:
        return known
    await uow.uploads.add(file)
    return await _kept(uow, said, rail=rail, sha256=file.sha256, file=file)


async def keep_told(uow: UnitOfWork, *, rail: PayoutRail, lines: Sequence[SaidLine], sha256: str) -> PayoutStatement:
    """Keep what a rail answered when it was asked; the same answer again is the same statement."""
    if (known := await uow.payout_statements.find_same(rail, sha256)) is not None:
        return known
    return await _kept(uow, SaidStatement(lines), rail=rail, sha256=sha256, file=None)


async def _kept(
    uow: UnitOfWork, said: SaidStatement, *, rail: PayoutRail, sha256: str, file: Upload | None
) -> PayoutStatement:
    statement = PayoutStatement(
        id=PayoutStatementId(new_id()),
        rail=rail,
        sha256=sha256,
        lines_count=len(said.lines),
        submitted_by=file.owner_id if file else None,
        upload_id=file.id if file else None,
        received_at=uow.now,
        tells_from=said.tells_from,
        tells_until=said.tells_until,
    )
    await uow.payout_statements.add(statement, said.lines)
    return statement


async def book_line(uow: UnitOfWork, line: ClaimedLine) -> LineState:
    """Book what a line says of a payout, and note what became of the line, in one commit. Said before, it changes
    nothing; what contradicts our record changes nothing either, and is for reconciliation to show.
    """
    state, payout_id = await _booked(uow, line)
    await uow.payout_statements.note_done(line, state, payout_id)
    return state


async def _booked(uow: UnitOfWork, line: ClaimedLine) -> tuple[LineState, PayoutId | None]:
    said = line.said
    payout = await _payout_of(uow, line)
    if payout is None:
        return LineState.NOT_OURS, None
    bringer = await uow.payout_statements.submitter_of(line.statement_id)
    if payout.owner_id == bringer:
        return LineState.OWN_ACCOUNT, payout.id
    if payout.amount != said.amount:
        return LineState.WRONG_AMOUNT, payout.id
    gives_back = said.kind is not LineKind.PAID and payout.state.is_under_way
    if gives_back and await is_involved(uow, payout, bringer):
        return LineState.INVOLVED, payout.id
    return await _ended(uow, payout, said), payout.id


async def _payout_of(uow: UnitOfWork, line: ClaimedLine) -> Payout | None:
    said = line.said
    if said.reference is not None:
        return await uow.payouts.find_sent_for_update(line.rail, said.reference)
    if said.payment_number is None:
        return None
    known = await uow.payouts.owner_of_receipt(line.rail, said.payment_number)
    return None if known is None else await uow.payouts.get_for_update(known)


async def _ended(uow: UnitOfWork, payout: Payout, said: SaidLine) -> LineState:
    match said.kind:
        case LineKind.PAID:
            return await _paid(uow, payout, said.number)
        case LineKind.REFUSED | LineKind.RETURNED:
            if payout.state.is_under_way:
                await record_outcome(uow, payout_id=payout.id, outcome=Failed(said.words or said.kind.value))
                return LineState.FAILED
            is_known = payout.state in (PayoutState.FAILED, PayoutState.RETURNED)
            return LineState.KNOWN if is_known else LineState.CONTRADICTION
        case _:
            assert_never(said.kind)


async def _paid(uow: UnitOfWork, payout: Payout, number: str) -> LineState:
    if payout.state in (PayoutState.PAID, PayoutState.RETURNED):
        assert payout.receipt_number is not None, "what is paid has a number"
        is_same = printed_number(payout.receipt_number, path=(), longest=WORDS_MAX) == number
        # Finance brought it back because no statement told of it, and now one does: its owner has the money twice.
        is_known = payout.state is PayoutState.PAID or await uow.payout_statements.has_come_back(payout.id)
        return LineState.KNOWN if is_same and is_known else LineState.CONTRADICTION
    if not payout.state.is_under_way:
        await record_outcome(uow, payout_id=payout.id, outcome=Paid(number))
        return LineState.CONTRADICTION
    try:
        await record_outcome(uow, payout_id=payout.id, outcome=Paid(number))
    except PayoutReceiptUsed:
        return LineState.NUMBER_USED
    return LineState.SETTLED
