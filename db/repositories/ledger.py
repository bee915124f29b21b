"""The ledger on PostgreSQL: each command is one call of a function of revision 0003. Nothing else writes balances."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, Final, NoReturn

from sqlalchemy import Row, TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from db.changes import Change
from db.repositories.ledger_faults import refusal_of
from domain.ids import HoldId, IdKind, TransferId, encode_id
from domain.ledger.account import AccountKind, AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.hold_state import HoldState
from domain.ledger.ports import Balance, Hold, HoldOutcome, Posting
from domain.ledger.transfer import Transfer
from domain.money import Money

_TRANSFER: Final = (
    ":id, :reference, :code, :fingerprint, :note, :at, :paths, :kinds, :assets, :sources, :destinations, :amounts"
)
_OPEN: Final = text(
    "select ledger_open(a.path, a.kind, a.asset, :at)"
    " from unnest(cast(:paths as text[]), cast(:kinds as text[]), cast(:assets as text[])) a (path, kind, asset)"
)
_POST: Final = text(f"select transfer_id, is_new, booked_at, posted, held, versions from ledger_post({_TRANSFER})")
_NOTE: Final = text("select note from ledger_transfers where id = :id")
_CAPTURE: Final = text(
    f"select transfer_id, is_new, booked_at, posted, held, versions, (hold).* from ledger_capture(:hold, {_TRANSFER})"
)
_HOLD: Final = text(
    "select * from ledger_hold(:id, :reference, :path, :kind, :asset, :amount, :code, :expires_at, :at)"
)
_RELEASE: Final = text("select * from ledger_release(:reference, :at)")
_EXPIRE_DUE: Final = text("select * from ledger_expire_due(:at, :limit)")
_FOLD: Final = text(
    """
    select coalesce(sum(ledger_fold(long.account_id, :entries)), 0)::bigint from (
        select u.account_id from ledger_unfolded u join ledger_accounts a on a.id = u.account_id
        group by u.account_id, a.path having count(*) > :longer_than order by a.path collate "C" limit :accounts
    ) long
    """
)


class SqlLedger:
    """The ledger; see the port for its promises. `note` tells the audit row what changed."""

    def __init__(self, session: AsyncSession, *, note: Callable[[Change], None]) -> None:
        self._session = session
        self._note = note

    async def open(self, accounts: Collection[AccountRef], *, at: datetime) -> None:
        """Make accounts exist."""
        await self._rows(_OPEN, **_accounts(sorted(accounts, key=lambda account: account.path)), at=at)

    async def post(self, transfer: Transfer, *, transfer_id: TransferId, at: datetime) -> Posting:
        """Book every move, or nothing."""
        [row] = await self._rows(_POST, **_arguments(transfer, transfer_id, at))
        return await self._posting(transfer, row)

    async def hold(self, hold: Hold, *, hold_id: HoldId, at: datetime) -> HoldOutcome:
        """Set an amount aside."""
        [row] = await self._rows(
            _HOLD,
            id=hold_id,
            reference=hold.reference,
            path=hold.account.path,
            kind=hold.account.kind.name,
            asset=hold.account.asset.name,
            amount=hold.amount.minor,
            code=hold.code.name,
            expires_at=hold.expires_at,
            at=at,
        )
        return self._outcome(row)

    async def capture(
        self, reference: str, transfer: Transfer, *, transfer_id: TransferId, at: datetime
    ) -> tuple[Posting, HoldOutcome]:
        """End the hold and book the transfer that takes it."""
        [row] = await self._rows(_CAPTURE, hold=reference, **_arguments(transfer, transfer_id, at))
        return await self._posting(transfer, row), self._outcome(row)

    async def release(self, reference: str, *, at: datetime) -> HoldOutcome:
        """End the hold; the amount is available again."""
        [row] = await self._rows(_RELEASE, reference=reference, at=at)
        return self._outcome(row)

    async def expire_due(self, *, at: datetime, limit: int) -> list[HoldOutcome]:
        """End holds whose time is over."""
        return [self._outcome(row) for row in await self._rows(_EXPIRE_DUE, at=at, limit=limit)]

    async def fold_hot_accounts(self, *, longer_than: int, accounts: int, entries: int) -> int:
        """Fold long tails into their snapshots."""
        [row] = await self._rows(_FOLD, longer_than=longer_than, accounts=accounts, entries=entries)
        return int(row[0])

    async def _rows(self, statement: TextClause, **arguments: object) -> list[Row[Any]]:
        try:
            return list(await self._session.execute(statement, arguments))
        except DBAPIError as fault:
            _refuse(fault, arguments)

    async def _posting(self, transfer: Transfer, row: Row[Any]) -> Posting:
        transfer_id = TransferId(row.transfer_id)
        balances = tuple(
            _balance(account, posted, held, version)
            for account, posted, held, version in zip(transfer.nets, row.posted, row.held, row.versions, strict=True)
            if version is not None
        )
        note = transfer.note
        if row.is_new:
            self._note_transfer(transfer, transfer_id, balances)
        else:
            [(note,)] = await self._rows(_NOTE, id=transfer_id)
        return Posting(transfer_id=transfer_id, is_new=row.is_new, at=row.booked_at, note=note, balances=balances)

    def _outcome(self, row: Row[Any]) -> HoldOutcome:
        account = AccountRef.of_path(row.path, AccountKind[row.kind])
        outcome = HoldOutcome(
            hold_id=HoldId(row.hold_id),
            hold=Hold(
                reference=row.reference,
                account=account,
                amount=Money(row.amount_minor, account.asset),
                code=TransferCode[row.code],
                expires_at=row.expires_at,
            ),
            state=HoldState[row.state],
            is_new=row.hold_is_new,
            balance=_balance(account, row.account_posted, row.account_held, row.account_version),
        )
        if outcome.is_new:
            self._note_hold(outcome)
        return outcome

    def _note_transfer(self, transfer: Transfer, transfer_id: TransferId, balances: tuple[Balance, ...]) -> None:
        self._note(
            Change(
                subject=encode_id(IdKind.TRANSFER, transfer_id),
                table="ledger_transfers",
                before={},
                after={
                    "reference": transfer.reference,
                    "code": transfer.code.name,
                    "moves": [
                        f"{move.source.path} → {move.destination.path}: {move.amount.amount}" for move in transfer.moves
                    ],
                },
            )
        )
        for balance in balances:
            before = balance.posted - Money(transfer.nets[balance.account], balance.account.asset)
            self._note(
                Change(
                    subject=balance.account.path,
                    table="ledger_accounts",
                    before={"balance": before.amount},
                    after={"balance": balance.posted.amount},
                )
            )

    def _note_hold(self, outcome: HoldOutcome) -> None:
        self._note(
            Change(
                subject=encode_id(IdKind.HOLD, outcome.hold_id),
                table="ledger_holds",
                before={},
                after={
                    "reference": outcome.hold.reference,
                    "account": outcome.hold.account.path,
                    "amount": outcome.hold.amount.amount,
                    "state": outcome.state.name,
                },
            )
        )


def _refuse(fault: DBAPIError, arguments: dict[str, Any]) -> NoReturn:
    refusal = refusal_of(fault, reference=str(arguments.get("reference", "")))
    if refusal is None:
        raise fault
    raise refusal from fault


def _accounts(accounts: Collection[AccountRef]) -> dict[str, object]:
    return {
        "paths": [account.path for account in accounts],
        "kinds": [account.kind.name for account in accounts],
        "assets": [account.asset.name for account in accounts],
    }


def _arguments(transfer: Transfer, transfer_id: TransferId, at: datetime) -> dict[str, object]:
    place = {account: number for number, account in enumerate(transfer.nets, start=1)}
    return {
        "id": transfer_id,
        "reference": transfer.reference,
        "code": transfer.code.name,
        "fingerprint": transfer.fingerprint,
        "note": transfer.note,
        "at": at,
        **_accounts(place),
        "sources": [place[move.source] for move in transfer.moves],
        "destinations": [place[move.destination] for move in transfer.moves],
        "amounts": [move.amount.minor for move in transfer.moves],
    }


def _balance(account: AccountRef, posted: int, held: int, version: int) -> Balance:
    asset = account.asset
    return Balance(account=account, posted=Money(posted, asset), held=Money(held, asset), version=version)
