"""Postings of a convoy: the accounts that nobody holds are locked, and what they can bear is booked, at once."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Final

import orjson

from db.convoy_riders import PostingAsked, Rider
from db.read_pool import DriverConnection
from domain.ledger.account import AccountKind
from domain.ledger.transfer import Transfer
from domain.money import MINOR_MAX
from domain.plain import Plain

# What somebody holds is left out, so that nobody is waited for and nothing can be waited for in a circle. References
# are known for ever, long after the keys that they were made of.
_LOCK: Final = """
    select null as reference, locked.* from (
        select path, posted_minor, held_minor from ledger_accounts
        where path = any(array(select json_array_elements_text($1::text::json)))
        order by path collate "C" for no key update skip locked
    ) locked
    union all select reference, null, null, null from ledger_transfers
    where reference = any(array(select json_array_elements_text($2::text::json)))
"""
_POST: Final = """
    select transfer_id, is_new, booked_at, posted, held, versions
    from rows from (
        jsonb_to_recordset($1::text::jsonb) as (
            id uuid, reference text, code text, fingerprint bytea, note text, at timestamptz, paths text[],
            kinds text[], assets text[], sources integer[], destinations integer[], amounts bigint[]
        )
    ) with ordinality t (
        id, reference, code, fingerprint, note, at, paths, kinds, assets, sources, destinations, amounts, place
    ), ledger_post(
        id, reference, code, fingerprint, note, at, paths, kinds, assets, sources, destinations, amounts
    ) order by place
"""


async def post_together(driver: DriverConnection, riders: Iterable[Rider]) -> list[Rider]:
    """Those whose transfers are booked; they have gone on with that. The others have not.

    Raises:
        asyncpg.PostgresError: one was not booked, and none is.
    """
    asking = [
        (rider, rider.asked)
        for rider in riders
        if isinstance(rider.asked, PostingAsked) and not rider.member.is_given_up
    ]
    standing = await _standing(driver, [asked.transfer for _, asked in asking])
    for rider, asked in asking:
        rider.member.lacks = standing.lacks(asked.transfer)
    bearable = [(rider, asked) for rider, asked in asking if standing.bears(asked.transfer)]
    if not bearable:
        return []
    rows = await driver.fetch(_POST, orjson.dumps([_plain(asked) for _, asked in bearable]).decode())
    # What another transaction posted since is found by itself; nothing was done of it here.
    posted = [(rider, row) for (rider, _), row in zip(bearable, rows, strict=True) if row["is_new"]]
    for rider, row in posted:
        rider.go_on(row)
    return [rider for rider, _ in posted]


class _Standing:
    """What the locked accounts hold, and what is set aside of it, as the transfers so far leave them; and which
    references are taken.
    """

    def __init__(self, accounts: dict[str, tuple[int, int]], references: Set[str]) -> None:
        self._accounts, self._references = accounts, references

    def lacks(self, transfer: Transfer) -> str | None:
        """The first of its accounts that somebody else holds."""
        return next((account.path for account in transfer.nets if account.path not in self._accounts), None)

    def bears(self, transfer: Transfer) -> bool:
        """Whether it is new, and between wallets that are locked, none of which falls below its floor; then it counts
        from here on.

        The ledger judges again. What it refuses ends all, so it is not asked for what it would.
        """
        if transfer.reference in self._references:
            return False
        after: dict[str, tuple[int, int]] = {}
        for account, net in transfer.nets.items():
            if account.kind is not AccountKind.WALLET or account.path not in self._accounts:
                return False
            posted, held = self._accounts[account.path]
            if not held <= posted + net <= MINOR_MAX:
                return False
            after[account.path] = posted + net, held
        self._accounts |= after
        return True


async def _standing(driver: DriverConnection, transfers: list[Transfer]) -> _Standing:
    paths = list({account.path for transfer in transfers for account in transfer.nets})
    references = [transfer.reference for transfer in transfers]
    asked = [orjson.dumps(texts).decode() for texts in (paths, references)]
    rows = await driver.fetch(_LOCK, *asked) if transfers else []
    return _Standing(
        {row["path"]: (row["posted_minor"], row["held_minor"]) for row in rows if row["path"]},
        {row["reference"] for row in rows if row["reference"]},
    )


def _plain(asked: PostingAsked) -> Plain:
    transfer = asked.transfer
    place = {account: number for number, account in enumerate(transfer.nets, start=1)}
    # `_name_` of an enum is at hand; `name` is two calls.
    return {
        "id": str(asked.transfer_id),
        "reference": transfer.reference,
        "code": transfer.code._name_,
        "fingerprint": f"\\x{transfer.fingerprint.hex()}",
        "note": transfer.note,
        "at": asked.at.isoformat(),
        "paths": [account.path for account in place],
        "kinds": [account.kind._name_ for account in place],
        "assets": [account.asset.code for account in place],
        "sources": [place[move.source] for move in transfer.moves],
        "destinations": [place[move.destination] for move in transfer.moves],
        "amounts": [move.amount.minor for move in transfer.moves],
    }
