"""What every command says in one message with its `begin` or its `commit`, prepared once on each connection.

The driver sends a message of several statements without parameters, so each of these takes one JSON value as a literal.
The literal is safe whatever is in it: JSON can spell an apostrophe without using one.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

import orjson
from sqlalchemy.pool import PoolProxiedConnection

from domain.plain import Plain

_MARK: Final = "prepared"


class Prepared(Enum):
    """A statement by its name; the value is its text."""

    claim_key = """
        insert into idempotency_keys (actor, operation, key, input_hash, at, kept_until)
        select actor, operation, key, decode(input_hash, 'hex'), at, kept_until
        from jsonb_to_record($1) as claim (
            actor text, operation text, key text, input_hash text, at timestamptz, kept_until timestamptz
        )
        on conflict do nothing
    """

    # The parts are carried out whatever reads them. Ids of events are drawn in the order of their places.
    leave_trace = """
        with answered as (
            update idempotency_keys set answer = $1 #> '{once,answer}'
            where actor = $1 #>> '{once,actor}' and operation = $1 #>> '{once,operation}' and key = $1 #>> '{once,key}'
        ), told as (
            insert into outbox (event_id, name, version, subject, body, actor, request_id, at)
            select event_id, name, version, subject, body,
                $1 ->> 'actor', $1 ->> 'request_id', ($1 ->> 'at')::timestamptz
            from rows from (
                jsonb_to_recordset($1 -> 'events')
                    as (event_id uuid, name text, version integer, subject text, body jsonb)
            ) with ordinality told (event_id, name, version, subject, body, place)
            order by place
        )
        insert into audit_entries (id, actor, operation, subject, reason, changes, request_id, address, at)
        select id, actor, operation, subject, reason, changes, request_id, address, at
        from jsonb_to_record($1) as trace (
            id uuid, actor text, operation text, subject text, reason text, changes jsonb, request_id text,
            address text, at timestamptz
        )
    """

    # The same of several commands, whose answers are kept as new: whoever kept one meanwhile ends all of it.
    leave_traces = """
        with traces as materialized (
            select place, trace from jsonb_array_elements($1) with ordinality each (trace, place)
        ), answered as (
            insert into idempotency_keys (actor, operation, key, input_hash, answer, at, kept_until)
            select once.actor, once.operation, once.key, decode(once.input_hash, 'hex'), once.answer,
                (trace ->> 'at')::timestamptz, once.kept_until
            from traces, jsonb_to_record(trace -> 'once') as once (
                actor text, operation text, key text, input_hash text, answer jsonb, kept_until timestamptz
            )
        ), told as (
            insert into outbox (event_id, name, version, subject, body, actor, request_id, at)
            select event_id, name, version, subject, body,
                trace ->> 'actor', trace ->> 'request_id', (trace ->> 'at')::timestamptz
            from traces, rows from (
                jsonb_to_recordset(trace -> 'events')
                    as (event_id uuid, name text, version integer, subject text, body jsonb)
            ) with ordinality told (event_id, name, version, subject, body, number)
            order by place, number
        )
        insert into audit_entries (id, actor, operation, subject, reason, changes, request_id, address, at)
        select id, actor, operation, subject, reason, changes, request_id, address, at
        from jsonb_to_recordset($1) as trace (
            id uuid, actor text, operation text, subject text, reason text, changes jsonb, request_id text,
            address text, at timestamptz
        )
    """

    # An account that somebody holds, once it is free.
    await_account = "select from ledger_accounts where path = $1 #>> '{}' for no key update"

    def with_value(self, value: Plain) -> str:
        """The words that run it with this value."""
        return f"execute {self.name}('{quoteless(value)}')"


def quoteless(value: Plain) -> str:
    """JSON without an apostrophe in it: they occur within its strings only, where they may be spelled as numbers."""
    return orjson.dumps(value).decode().replace("'", "\\u0027")


async def prepare_all(pooled: PoolProxiedConnection) -> None:
    """Prepare what a connection does not know yet, the first time that it is taken."""
    if _MARK in pooled.info:
        return
    driver = pooled.driver_connection
    assert driver is not None, "a connection that was just taken is connected"
    try:
        await driver.execute(";".join(f"prepare {each.name}(jsonb) as {each.value}" for each in Prepared))
    except BaseException:
        pooled.invalidate()  # it may know some of them, and none can be prepared twice
        raise
    pooled.info[_MARK] = True
