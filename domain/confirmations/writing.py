"""Writing: what is to be told becomes messages that wait to be sent, each once."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from domain.gateways import Sealer
from domain.identity.message import MessageChannel, OutgoingMessage
from domain.ids import MessageId, new_id
from domain.unit_of_work import UnitOfWork

TOLD_WITHIN: Final = timedelta(days=2)
WANTED_FOR: Final = timedelta(days=3)


async def write_confirmations(uow: UnitOfWork, sealer: Sealer, *, limit: int) -> int:
    """Write e-mails about payouts that were paid and refunds that were made, and answer how many were looked at. That
    it was told and the message are one commit, so none is written twice; who has no e-mail address is not told.
    """
    due = await uow.confirmations.take_due(since=uow.now - TOLD_WITHIN, limit=limit)
    for confirmation in due:
        if confirmation.email is None:
            continue
        message_id = MessageId(new_id())
        await uow.outgoing_messages.add(
            OutgoingMessage(
                id=message_id,
                channel=MessageChannel.EMAIL,
                sealed_address=sealer.seal(confirmation.email, about=f"message address {message_id}"),
                sealed_text=sealer.seal(confirmation.text, about=f"message text {message_id}"),
                useless_at=uow.now + WANTED_FOR,
                created_at=uow.now,
                next_attempt_at=uow.now,
            )
        )
    return len(due)
