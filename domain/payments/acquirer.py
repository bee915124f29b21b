"""Acquirers, who take cards and the like for the market: what they are asked, and everything that they can say.

A payment is opened at an acquirer under a name of ours; the payer confirms it there. Whatever an acquirer says of it,
by an answer or by a callback, is one view of the same checkout. Nothing that it does not say is taken for a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from domain.errors import GatewayFault
from domain.money import Money
from domain.payments.checkout_state import CheckoutState


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutOrder:
    """What is asked for. The same `name` has it opened once, however often it is asked for; `attempt` counts the times.

    `reference` is ours, `provider_id` theirs, once it is known; `authorization` is what the payer agreed to there.
    """

    name: str
    attempt: int
    reference: str
    amount: Money
    provider_id: str | None = None
    authorization: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutView:
    """A checkout as its acquirer described it at `told_at`, in whole seconds.

    `amount` is None where it is of no asset of ours. `receipt` is the acquirer's number of the money, once it is paid.
    `secret` lets the payer's app confirm it; `url` is where the payer goes. `decline` is why the last attempt failed.
    """

    provider_id: str
    reference: str | None
    state: CheckoutState
    amount: Money | None
    told_at: datetime
    receipt: str | None = None
    authorization: str | None = None
    decline: str | None = None
    public_key: str | None = None
    secret: str | None = None
    url: str | None = None

    def __repr__(self) -> str:
        return f"CheckoutView({self.provider_id}, {self.state})"


@dataclass(frozen=True, slots=True)
class AcquirerRefused:
    """It was not done and will not be. `is_ours`: people of ours have to mend something."""

    code: str
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class AcquirerBusy:
    """It was not done, and may be asked for again."""

    code: str
    wait: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class AcquirerUnknown:
    """Whether it was done is not known. `is_kept`: the acquirer would give the same answer to the same name again."""

    why: str
    is_kept: bool = False


AcquirerAnswer: TypeAlias = CheckoutView | AcquirerRefused | AcquirerBusy | AcquirerUnknown


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeView:
    """A payer's bank asks for money back; as the acquirer described it at `told_at`. It names the checkout, or the
    number of the money's receipt.
    """

    dispute_id: str
    provider_id: str | None = None
    receipt: str | None = None
    amount: Money | None
    reason: str
    status: str
    told_at: datetime


Told: TypeAlias = CheckoutView | DisputeView | None
"""What a callback says; None where it is about nothing that concerns us."""


class ForgedCallback(Exception):
    """A callback that the acquirer did not sign, or not lately."""


class Acquirer(Protocol):
    """One acquirer. Faults are answers here: nobody may take one for a refusal."""

    async def open(self, order: CheckoutOrder) -> AcquirerAnswer:
        """Have the payment known there. Harmless to repeat under the same name; nothing is paid by it."""
        ...

    async def look(self, order: CheckoutOrder) -> AcquirerAnswer:
        """How it stands."""
        ...

    async def capture(self, order: CheckoutOrder) -> AcquirerAnswer:
        """Take what the payer agreed to. Harmless to repeat."""
        ...

    async def close(self, order: CheckoutOrder) -> AcquirerAnswer:
        """See to it that nobody pays any more; what was paid before is told."""
        ...

    def read_callback(self, body: bytes) -> Told:
        """Read what was signed.

        Raises:
            UnreadableCallback: it does not have the form agreed.
        """
        ...


class CallbackSignatures(Protocol):
    """Knows whether an acquirer sent a callback."""

    async def event_id(self, headers: Mapping[str, str], body: bytes, *, at: datetime) -> str:
        """The acquirer's own id of the event, the same each time it is sent. Names of headers are in small letters.

        Raises:
            ForgedCallback: it is not signed by the acquirer, or the signature is too old.
            SignaturesUnavailable: this cannot be found out now; the acquirer shall send it again.
        """
        ...


class CheckoutSignatures(Protocol):
    """Knows whether an acquirer told a payer's app that it has the payer's word."""

    def is_signed(self, *, provider_id: str, authorization: str, signature: str) -> bool:
        """Whether it signed that the payer agreed to this, of this checkout; computed, without a network."""
        ...


class SignaturesUnavailable(GatewayFault):
    """What a signature is checked with cannot be got."""
