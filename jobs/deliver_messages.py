"""Messages leave: codes by SMS and e-mail."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from domain.identity.message import ClaimedMessage, Letter, MessengerUnavailable
from jobs.parts import Parts

BATCH: Final = 20
# A messenger gives up after ten seconds, and the batch leaves side by side.
LEASE_SECONDS: Final = 60
OPERATION: Final = "job.deliver_messages"

_log = structlog.get_logger("sokoni.jobs")


async def deliver_due_messages(parts: Parts) -> None:
    """Send what is due. Run twice, each message is claimed by one; after a crash it is sent again under its own id."""
    claimed = BATCH
    while claimed == BATCH:
        async with parts.unit_of_work(OPERATION) as uow:
            due = await uow.outgoing_messages.claim_due(limit=BATCH, lease_seconds=LEASE_SECONDS)
        async with asyncio.TaskGroup() as sending:
            for message in due:
                sending.create_task(_deliver(parts, message))
        claimed = len(due)


async def _deliver(parts: Parts, message: ClaimedMessage) -> None:
    is_sent = await _is_sent(parts, message)
    async with parts.unit_of_work(OPERATION) as uow:
        if is_sent:
            await uow.outgoing_messages.note_sent(message)
        else:
            await uow.outgoing_messages.note_failed(message)


async def _is_sent(parts: Parts, message: ClaimedMessage) -> bool:
    try:
        await parts.messenger.send(_letter(parts, message))
    except MessengerUnavailable as fault:
        _log.warning("message_not_taken", message=str(message.id), attempt=message.attempt, provider=fault.provider)
        return False
    except ValueError:
        # One row that cannot be opened must not keep the others from leaving.
        _log.exception("message_not_readable", message=str(message.id), attempt=message.attempt)
        return False
    return True


def _letter(parts: Parts, message: ClaimedMessage) -> Letter:
    return Letter(
        id=message.id,
        channel=message.channel,
        address=parts.sealer.unseal(message.sealed_address, about=f"message address {message.id}"),
        text=parts.sealer.unseal(message.sealed_text, about=f"message text {message.id}"),
    )
