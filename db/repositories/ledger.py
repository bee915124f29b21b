"""The ledger on PostgreSQL: each command is one call of a function of revision 0003. Nothing else writes balances."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

import asyncpg

from db.changes import Change, Note
from db.repositories.ledger_faults import refusal_of
from db.transaction import Transaction
from domain.ids import HoldId, IdKind, TransferId, encode_id
from domain.ledger.account import AccountKind, AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.hold_state import HoldState
from domain.ledger.ports import Balance, Hold, HoldOutcome, Posting
from domain.ledger.transfer import Transfer
from domain.money import Money, decimal_of

_TRANSFER: Final = """
    $1, $2, $3, $4, $5, $6, $7::text::text[], $8::text::text[], $9::text::text[],
    $10::text::integer[], $11::text::integer[], $12::text::bigint[]
"""
_POST: Final = f"select transfer_id, is_new, booked_at, posted, held, versions from ledger_post({_TRANSFER})"
_CAPTURE: Final = f"""
    select transfer_id, is_new, booked_at, posted, held, versions, (hold).* from ledger_capture($13, {_TRANSFER})
"""
_NOTE: Final = "select note from ledger_transfers where id = $1"
_OPEN: Final = """
    select ledger_open(a.path, a.kind, a.asset, $4)
    from unnest($1::text::text[], $2::text::text[], $3::text::text[]) a (path, kind, asset)
"""
_HOLD: Final = "select * from ledger_hold($1, $2, $3, $4, $5, $6, $7, $8, $9)"
_RELEASE: Final = "select * from ledger_release($1, $2)"
_EXPIRE_DUE: Final = "select * from ledger_expire_due($1, $2)"
_FOLD: Final = """
    select coalesce(sum(ledger_fold(long.account_id, $3)), 0)::bigint from (
        select u.account_id from ledger_unfolded u join ledger_accounts a on a.id = u.account_id
        group by u.account_id, a.path having count(*) > $1 order by a.path collate "C" limit $2
    ) long
"""


class SqlLedger:
    """The ledger; see the port for its promises. `note` tells the audit row what changed."""

    def __init__(self, transaction: Transaction, *, note: Note) -> None:
        self._transaction = transaction
        self._note = note

    async def open(self, accounts: Collection[AccountRef], *, at: datetime) -> None:
        """Make accounts exist."""
        await self._rows(_OPEN, *_accounts(sorted(accounts, key=lambda account: account.path)), at)

    async def post(self, transfer: Transfer, *, transfer_id: TransferId, at: datetime) -> Posting:
        """Book every move, or nothing."""
        [row] = await self._rows(_POST, *_arguments(transfer, transfer_id, at), reference=transfer.reference)
        return await self._posting(transfer, row)

    async def hold(self, hold: Hold, *, hold_id: HoldId, at: datetime) -> HoldOutcome:
        """Set an amount aside."""
        [row] = await self._rows(
            _HOLD,
            hold_id,
            hold.reference,
            hold.account.path,
            hold.account.kind.name,
            hold.account.asset.name,
            hold.amount.minor,
            hold.code.name,
            hold.expires_at,
            at,
            reference=hold.reference,
        )
        return self._outcome(row)

    async def capture(
        self, reference: str, transfer: Transfer, *, transfer_id: TransferId, at: datetime
    ) -> tuple[Posting, HoldOutcome]:
        """End the hold and book the transfer that takes it."""
        arguments = _arguments(transfer, transfer_id, at)
        [row] = await self._rows(_CAPTURE, *arguments, reference, reference=transfer.reference)
        return await self._posting(transfer, row), self._outcome(row)

    async def release(self, reference: str, *, at: datetime) -> HoldOutcome:
        """End the hold; the amount is available again."""
        [row] = await self._rows(_RELEASE, reference, at)
        return self._outcome(row)

    async def expire_due(self, *, at: datetime, limit: int) -> list[HoldOutcome]:
        """End holds whose time is over."""
        return [self._outcome(row) for row in await self._rows(_EXPIRE_DUE, at, limit)]

    async def fold_hot_accounts(self, *, longer_than: int, accounts: int, entries: int) -> int:
        """Fold long tails into their snapshots."""
        [row] = await self._rows(_FOLD, longer_than, accounts, entries)
        return int(row[0])

    async def _rows(self, statement: str, *arguments: object, reference: str = "") -> list[asyncpg.Record]:
        try:
            return await self._transaction.driver.fetch(statement, *arguments)
        except asyncpg.PostgresError as fault:
            refusal = refusal_of(fault, reference=reference)
            if refusal is None:
                raise
            raise refusal from fault

    async def _posting(self, transfer: Transfer, row: asyncpg.Record) -> Posting:
        transfer_id = TransferId(row["transfer_id"])
        balances = tuple(
            _balance(account, posted, held, version)
            for account, posted, held, version in zip(
                transfer.nets, row["posted"], row["held"], row["versions"], strict=True
            )
            if version is not None
        )
        note = transfer.note
        if row["is_new"]:
            self._note_transfer(transfer, transfer_id, balances)
        else:
            [(note,)] = await self._rows(_NOTE, transfer_id)
        return Posting(transfer_id=transfer_id, is_new=row["is_new"], at=row["booked_at"], note=note, balances=balances)

    def _outcome(self, row: asyncpg.Record) -> HoldOutcome:
        account = AccountRef.of_path(row["path"], AccountKind[row["kind"]])
        outcome = HoldOutcome(
            hold_id=HoldId(row["hold_id"]),
            hold=Hold(
                reference=row["reference"],
                account=account,
                amount=Money(row["amount_minor"], account.asset),
                code=TransferCode[row["code"]],
                expires_at=row["expires_at"],
            ),
            state=HoldState[row["state"]],
            is_new=row["hold_is_new"],
            balance=_balance(account, row["account_posted"], row["account_held"], row["account_version"]),
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
            account, after = balance.account, balance.posted.minor
            before = after - transfer.nets[account]
            self._note(
                Change(
                    subject=account.path,
                    table="ledger_accounts",
                    before={"balance": decimal_of(before, account.asset.scale)},
                    after={"balance": decimal_of(after, account.asset.scale)},
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


def _accounts(accounts: Collection[AccountRef]) -> tuple[str, str, str]:
    return (
        _array(account.path for account in accounts),
        _array(account.kind.name for account in accounts),
        _array(account.asset.name for account in accounts),
    )


def _arguments(transfer: Transfer, transfer_id: TransferId, at: datetime) -> tuple[object, ...]:
    place = {account: str(number) for number, account in enumerate(transfer.nets, start=1)}
    return (
        transfer_id,
        transfer.reference,
        transfer.code.name,
        transfer.fingerprint,
        transfer.note,
        at,
        *_accounts(place),
        _array(place[move.source] for move in transfer.moves),
        _array(place[move.destination] for move in transfer.moves),
        _array(str(move.amount.minor) for move in transfer.moves),
    )


def _array(items: Iterable[str]) -> str:
    """PostgreSQL's way of writing an array, of names, paths and numbers, in which nothing needs quoting.

    The driver looks at every item of a list several times, which for six lists takes as long as a round trip.
    """
    return "{" + ",".join(items) + "}"


def _balance(account: AccountRef, posted: int, held: int, version: int) -> Balance:
    asset = account.asset
    return Balance(account=account, posted=Money(posted, asset), held=Money(held, asset), version=version)
