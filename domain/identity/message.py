"""A message to one address: a row that waits to be worked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import GatewayFault
from domain.identity.address import Address, AddressKind
from domain.ids import MessageId


class MessageChannel(StrEnum):
    """The way a message takes."""

    SMS = "SMS"
    EMAIL = "EMAIL"

    @classmethod
    def to(cls, address: Address) -> MessageChannel:
        """The way to an address."""
        return cls.SMS if address.kind is AddressKind.PHONE else cls.EMAIL


class MessageState(StrEnum):
    """What became of a message. Only a waiting one still holds its text."""

    WAITING = "WAITING"
    SENT = "SENT"
    USELESS = "USELESS"
    DEAD = "DEAD"


@dataclass(eq=False, kw_only=True)
class OutgoingMessage:
    """A message with its address and text sealed; after `useless_at` nobody wants it any more."""

    id: MessageId
    channel: MessageChannel
    sealed_address: bytes
    sealed_text: bytes | None
    useless_at: datetime
    created_at: datetime
    state: MessageState = MessageState.WAITING
    attempts: int = 0
    next_attempt_at: datetime
    claimed_until: datetime | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMessage:
    """A message that is ours to send until the lease ends. `attempt` counts this one and names the claim."""

    id: MessageId
    attempt: int
    channel: MessageChannel
    sealed_address: bytes
    sealed_text: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message in the clear, only ever in the hands of the one who sends it."""

    id: MessageId
    channel: MessageChannel
    address: str
    text: str

    def __repr__(self) -> str:
        return f"Letter({self.id}, {self.channel})"


class MessengerUnavailable(GatewayFault):
    """The vendor did not take the message; whether it left is unknown."""
