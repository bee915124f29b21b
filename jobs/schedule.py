"""The table of everything that happens by itself, and how often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from jobs.ask_acquirers import ask_acquirers, close_ended_checkouts
from jobs.book_statements import book_statements
from jobs.deliver_messages import deliver_due_messages
from jobs.empty_callbacks import empty_old_callbacks
from jobs.end_payouts import end_payouts_of_the_blocked
from jobs.expire_holds import expire_overdue_holds
from jobs.expire_listings import expire_due_listings
from jobs.expire_payments import expire_overdue_payments
from jobs.fold_hot_accounts import fold_long_tails
from jobs.follow_payments import follow_payments
from jobs.forget_signatures import forget_old_signatures
from jobs.parts import Parts
from jobs.pay_out_tips import pay_out_collected_tips
from jobs.purge_answers import purge_old_answers
from jobs.purge_quotes import purge_unused_quotes
from jobs.query_stk_pushes import query_due_pushes
from jobs.reconcile_payouts import reconcile_payouts
from jobs.refresh_rates import refresh_rates
from jobs.request_stk_pushes import give_up_lost_pushes, request_due_pushes
from jobs.send_payouts import ask_payouts, send_payouts
from jobs.store_bank_files import store_bank_files
from jobs.take_in_acquirer_callbacks import take_in_acquirer_callbacks
from jobs.take_in_payout_callbacks import take_in_payout_callbacks
from jobs.take_in_stk_callbacks import take_in_callbacks
from jobs.trim_outbox import trim_old_events
from jobs.write_confirmations import write_due_confirmations

RUN_LIMIT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One thing that happens by itself; running it twice, or at two places at once, must be harmless.

    `has_one_leader`: one process at a time runs it; else rows are shared by SKIP LOCKED. `wakes_on_ring`: it does
    not wait for its time when something was committed. A run that takes longer than `limit_seconds` is cut off.
    """

    name: str
    run: Callable[[Parts], Awaitable[None]]
    every_seconds: float
    has_one_leader: bool = False
    wakes_on_ring: bool = False
    limit_seconds: float = RUN_LIMIT_SECONDS


SCHEDULE: Final[tuple[Job, ...]] = (
    Job(name="ask_acquirers", run=ask_acquirers, every_seconds=1, wakes_on_ring=True, limit_seconds=120),
    Job(name="ask_payouts", run=ask_payouts, every_seconds=30, has_one_leader=True),
    Job(name="close_ended_checkouts", run=close_ended_checkouts, every_seconds=5),
    Job(name="book_statements", run=book_statements, every_seconds=5, has_one_leader=True, wakes_on_ring=True),
    Job(name="deliver_messages", run=deliver_due_messages, every_seconds=0.5, wakes_on_ring=True),
    Job(name="empty_callbacks", run=empty_old_callbacks, every_seconds=3_600, has_one_leader=True),
    Job(name="end_payouts", run=end_payouts_of_the_blocked, every_seconds=30),
    Job(name="expire_holds", run=expire_overdue_holds, every_seconds=5),
    Job(name="expire_listings", run=expire_due_listings, every_seconds=30),
    Job(name="expire_payments", run=expire_overdue_payments, every_seconds=30),
    Job(name="fold_hot_accounts", run=fold_long_tails, every_seconds=10, has_one_leader=True),
    Job(name="follow_payments", run=follow_payments, every_seconds=1, wakes_on_ring=True),
    Job(name="forget_signatures", run=forget_old_signatures, every_seconds=600, has_one_leader=True),
    Job(name="give_up_lost_pushes", run=give_up_lost_pushes, every_seconds=5),
    Job(name="pay_out_tips", run=pay_out_collected_tips, every_seconds=5, wakes_on_ring=True),
    Job(name="purge_answers", run=purge_old_answers, every_seconds=3_600, has_one_leader=True),
    Job(name="purge_quotes", run=purge_unused_quotes, every_seconds=3_600, has_one_leader=True),
    Job(name="query_stk_pushes", run=query_due_pushes, every_seconds=1),
    Job(name="reconcile_payouts", run=reconcile_payouts, every_seconds=60, has_one_leader=True),
    Job(name="refresh_rates", run=refresh_rates, every_seconds=60, has_one_leader=True),
    Job(name="request_stk_pushes", run=request_due_pushes, every_seconds=1, wakes_on_ring=True, limit_seconds=120),
    Job(name="send_payouts", run=send_payouts, every_seconds=5, wakes_on_ring=True),
    Job(name="store_bank_files", run=store_bank_files, every_seconds=5, wakes_on_ring=True, limit_seconds=120),
    Job(name="take_in_acquirer_callbacks", run=take_in_acquirer_callbacks, every_seconds=0.5, wakes_on_ring=True),
    Job(name="take_in_payout_callbacks", run=take_in_payout_callbacks, every_seconds=0.5, wakes_on_ring=True),
    Job(name="take_in_stk_callbacks", run=take_in_callbacks, every_seconds=0.5, wakes_on_ring=True),
    Job(name="trim_outbox", run=trim_old_events, every_seconds=600, has_one_leader=True),
    Job(
        name="write_confirmations",
        run=write_due_confirmations,
        every_seconds=10,
        has_one_leader=True,
        wakes_on_ring=True,
    ),
)
