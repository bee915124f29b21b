"""Notices: a person is told of something by a message, besides what their apps show."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from domain.gateways import Gateways
from domain.identity.message import MessageChannel, OutgoingMessage
from domain.ids import MessageId, UserId, new_id
from domain.unit_of_work import UnitOfWork

WANTED_FOR: Final = timedelta(hours=24)


async def send_notice(uow: UnitOfWork, gateways: Gateways, *, user_id: UserId, text: str) -> None:
    """Tell a person by SMS and by e-mail, wherever they can be reached; a day later nobody wants it any more."""
    person = await uow.users.get(user_id)
    for channel, address in ((MessageChannel.SMS, person.phone), (MessageChannel.EMAIL, person.email)):
        if address is None:
            continue
        message_id = MessageId(new_id())
        await uow.outgoing_messages.add(
            OutgoingMessage(
                id=message_id,
                channel=channel,
                sealed_address=gateways.sealer.seal(address, about=f"message address {message_id}"),
                sealed_text=gateways.sealer.seal(text, about=f"message text {message_id}"),
                useless_at=uow.now + WANTED_FOR,
                created_at=uow.now,
                next_attempt_at=uow.now,
            )
        )
