"""Callbacks of M-Pesa are kept as they come; taking them in is somebody else's work.

Callbacks of one turn of the event loop share a statement, so a thousand a second are a few dozen commits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from db.coalescing import Coalescing
from db.engine import Database
from domain.ids import PayoutId, new_id
from domain.payouts.callback import PayoutCallbackKind

_KEEP: Final = text(
    """
    with arrived as (
        select * from unnest(
            cast(:ids as uuid[]), cast(:tokens as bytea[]), cast(:bodies as bytea[]), cast(:digests as bytea[]),
            cast(:sources as text[]), cast(:requests as text[]), cast(:times as timestamptz[])
        ) as arrived (id, token, body, digest, source, request, at)
    ), known as (
        select arrived.*, mpesa_requests.payment_id
        from arrived join mpesa_requests on mpesa_requests.callback_digest = arrived.token
    ), kept as (
        insert into mpesa_callbacks
            (id, payment_id, body, body_digest, source, request_id, received_at, state, attempts, next_attempt_at)
        select id, payment_id, body, digest, source, request, at, 'WAITING', 0, at from known
        on conflict (payment_id, body_digest) do nothing
    )
    select id from known
    """
)

_KEEP_FOR_PAYOUT: Final = text(
    """
    with known as (
        select id from payouts where id = :payout and rail = 'MPESA'
    ), kept as (
        insert into mpesa_callbacks
            (id, payout_id, kind, body, body_digest, source, request_id, received_at, state, attempts, next_attempt_at)
        select cast(:id as uuid), id, :kind, :body, :digest, :source, :request, :at, 'WAITING', 0, :at from known
        on conflict (payout_id, kind, body_digest) do nothing
    )
    select id from known
    """
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArrivedCallback:
    """What came, from where, and by which token; only the token's digest is known here. Each is itself: the same that
    comes twice came twice.
    """

    token_digest: bytes
    body: bytes
    source: str
    request_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedPayoutCallback:
    """What came about one payout, at an address of its own."""

    payout_id: PayoutId
    kind: PayoutCallbackKind
    body: bytes
    source: str
    request_id: str
    at: datetime


class MpesaInbox:
    """Keeps what arrives."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together = Coalescing()

    async def keep(self, arrived: ArrivedCallback) -> bool:
        """Whether the token is one of ours; then it is kept, or was before."""
        return arrived in await self._together.answers("callbacks", (arrived,), self._keep)

    async def keep_for_payout(self, arrived: ArrivedPayoutCallback) -> bool:
        """Whether there is such a payout by M-Pesa; then it is kept, or was before."""
        values = {
            "id": new_id(),
            "payout": arrived.payout_id,
            "kind": arrived.kind.name,
            "body": arrived.body,
            "digest": hashlib.sha256(arrived.body).digest(),
            "source": arrived.source,
            "request": arrived.request_id,
            "at": arrived.at,
        }
        async with self._database.transaction() as connection:
            return await connection.scalar(_KEEP_FOR_PAYOUT, values) is not None

    async def _keep(self, arrived: list[ArrivedCallback]) -> Mapping[ArrivedCallback, bool]:
        by_id = {new_id(): each for each in arrived}
        values = {
            "ids": list(by_id),
            "tokens": [each.token_digest for each in arrived],
            "bodies": [each.body for each in arrived],
            "digests": [hashlib.sha256(each.body).digest() for each in arrived],
            "sources": [each.source for each in arrived],
            "requests": [each.request_id for each in arrived],
            "times": [each.at for each in arrived],
        }
        async with self._database.transaction() as connection:
            known = await connection.execute(_KEEP, values)
        return {by_id[row.id]: True for row in known}
