"""The sandbox is driven: prompts are answered, providers go away, time is moved on."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import field
from datetime import datetime, timedelta

import strawberry

from db.reads.payouts import payouts_at_the_bank
from domain.errors import GatewayFault
from domain.payouts.state import PayoutRail
from domain.payouts.statements import LINES_MAX, keep_told
from domain.sandbox import (
    ADVANCE_MAX,
    DOWN_MAX,
    LATE_MAX,
    NoSandbox,
    Sandbox,
    checked_code,
    checked_duration,
    require_cards,
    require_mpesa,
    said_by_the_bank,
)
from resolvers.context import Info
from schema.access import ANYONE
from schema.errors import Payload, errors_of
from schema.fields import mutation, query
from schema.sandbox import (
    SandboxBankStatementInput,
    SandboxBankStatementPayload,
    SandboxCardAnswerInput,
    SandboxCardAnswerPayload,
    SandboxClockAdvanceInput,
    SandboxClockAdvancePayload,
    SandboxMpesaAnswerInput,
    SandboxMpesaAnswerPayload,
    SandboxPrompt,
    SandboxProviderDownInput,
    SandboxProviderDownPayload,
)


def sandbox_in(info: Info) -> Sandbox:
    """What may be driven. Raises NoSandbox."""
    if info.context.sandbox is None:
        raise NoSandbox
    return info.context.sandbox


@strawberry.type
class SandboxState:
    """What the sandbox shows."""

    @query(access=ANYONE)
    async def now(self, info: Info) -> datetime:
        """The time that every process shows."""
        return info.context.clock.now()

    @query(access=ANYONE)
    async def mpesa_prompts(self, info: Info) -> list[SandboxPrompt]:
        """The latest fifty prompts of M-Pesa, the newest first."""
        return [SandboxPrompt.of(prompt) for prompt in await require_mpesa(sandbox_in(info)).prompts()]


@strawberry.type
class SandboxPayload(Payload):
    """What can be done to the sandbox. Several commands of one document are carried out in their order."""

    turns: strawberry.Private[asyncio.Lock] = field(default_factory=asyncio.Lock)

    @mutation(access=ANYONE)
    async def mpesa_answer(self, info: Info, input: SandboxMpesaAnswerInput) -> SandboxMpesaAnswerPayload:
        """Answer a prompt as a payer would, or not at all; the callback comes from M-Pesa's stand-in over HTTP."""
        async with self.turns:
            mpesa, code = require_mpesa(sandbox_in(info)), checked_code(input.code)
            late = checked_duration(timedelta(seconds=input.late_seconds), longest=LATE_MAX, path=("lateSeconds",))
            if input.checkout_id is None:
                await mpesa.answer_next(code=code, fault=input.fault, late=late)
                return SandboxMpesaAnswerPayload()
            prompt = await mpesa.answer(input.checkout_id, code=code, fault=input.fault, late=late)
            return SandboxMpesaAnswerPayload(prompt=SandboxPrompt.of(prompt))

    @mutation(access=ANYONE)
    async def card_answer(self, info: Info, input: SandboxCardAnswerInput) -> SandboxCardAnswerPayload:
        """Confirm a checkout as a payer's app would, or not at all; what comes of it is told by signed events."""
        async with self.turns:
            cards = require_cards(sandbox_in(info))
            late = checked_duration(timedelta(seconds=input.late_seconds), longest=LATE_MAX, path=("lateSeconds",))
            if input.checkout_id is None:
                await cards.answer_next(card=input.card, fault=input.fault, late=late)
            else:
                await cards.answer(input.checkout_id, card=input.card, fault=input.fault, late=late)
            return SandboxCardAnswerPayload()

    @mutation(access=ANYONE)
    async def bank_statement(self, info: Info, input: SandboxBankStatementInput) -> SandboxBankStatementPayload:
        """Let the bank tell of every payout that left in a file, as a rail does that is asked for its statement."""
        async with self.turns:
            sandbox_in(info)
            async with info.context.database.read() as connection:
                waiting = await payouts_at_the_bank(connection, limit=LINES_MAX)
            lines = said_by_the_bank(waiting, input.status, on=info.context.clock.now().date())
            if lines:
                said = "\n".join(f"{line.kind} {line.number}" for line in lines)
                async with info.context.unit_of_work() as uow:
                    digest = hashlib.sha256(said.encode()).hexdigest()
                    await keep_told(uow, rail=PayoutRail.BANK_TRANSFER, lines=lines, sha256=digest)
            return SandboxBankStatementPayload(lines_count=len(lines))

    @mutation(access=ANYONE)
    async def provider_down(self, info: Info, input: SandboxProviderDownInput) -> SandboxProviderDownPayload:
        """Let a provider answer nothing but HTTP 503 for a while."""
        async with self.turns:
            sandbox = sandbox_in(info)
            duration = checked_duration(timedelta(seconds=input.seconds), longest=DOWN_MAX, path=("seconds",))
            await sandbox.take_down(input.rail, duration)
            return SandboxProviderDownPayload(until=info.context.clock.now() + duration)

    @mutation(access=ANYONE)
    async def clock_advance(self, info: Info, input: SandboxClockAdvanceInput) -> SandboxClockAdvancePayload:
        """Move the time of all processes on: what waits for it happens now, and tokens expire by it. Where a
        provider's stand-in does not follow, `errors` says so; everything of ours did.
        """
        async with self.turns:
            sandbox = sandbox_in(info)
            step = checked_duration(timedelta(seconds=input.seconds), longest=ADVANCE_MAX, path=("seconds",))
            payload = SandboxClockAdvancePayload()
            try:
                await sandbox.advance_clock(step)
            except GatewayFault as fault:
                payload.errors = errors_of(fault, request_id=info.context.request_id)
            payload.now = info.context.clock.now()
            return payload


@strawberry.type
class SandboxQuery:
    """What can be asked about the sandbox."""

    @query(access=ANYONE)
    async def sandbox(self, info: Info) -> SandboxState | None:
        """What the sandbox shows; null where there is none."""
        return SandboxState() if info.context.sandbox is not None else None


@strawberry.type
class SandboxMutation:
    """How the sandbox is driven."""

    @mutation(access=ANYONE)
    async def sandbox(self, info: Info) -> SandboxPayload:
        """Drive the sandbox: in development by whoever reaches it, refused with NO_SANDBOX where real money moves."""
        return SandboxPayload()
