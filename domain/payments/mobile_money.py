"""Mobile money: what its provider is asked, and everything that it can say.

A push makes a prompt appear on the payer's phone. That it was accepted says nothing about money: a result does, which
comes by a callback or is asked for. Whoever does not know what became of a push never pushes again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol, TypeAlias

from domain.errors import FieldFault, InvalidInput
from domain.money import Asset, Money

SHILLING_MINOR: Final = 100
SHILLINGS_MIN: Final = 1
SHILLINGS_MAX: Final = 250_000  # Daraja's own bounds of one push


@dataclass(frozen=True, slots=True, kw_only=True)
class StkPush:
    """A prompt to be shown. `phone` is `2547XXXXXXXX`, `reference` what the payer reads, at most 12 characters.

    `callback_token` is the last part of the address that the result comes to.
    """

    phone: str
    shillings: int
    reference: str
    callback_token: str

    def __repr__(self) -> str:
        return f"StkPush({self.reference})"


@dataclass(frozen=True, slots=True)
class PushAccepted:
    """The prompt is on its way; the payment is known by its checkout id from now on."""

    merchant_request_id: str
    checkout_request_id: str


@dataclass(frozen=True, slots=True)
class PushRefused:
    """There is and will be no prompt. `is_ours`: people of ours have to mend something."""

    code: str
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class PushDeferred:
    """Nothing was accepted now, and the same push may be made later."""

    code: str
    wait: timedelta


@dataclass(frozen=True, slots=True)
class PushUnknown:
    """Whether there is a prompt is not known."""

    why: str


PushOutcome: TypeAlias = PushAccepted | PushRefused | PushDeferred | PushUnknown


@dataclass(frozen=True, slots=True, kw_only=True)
class StkResult:
    """What became of a prompt. The code is text: Daraja has numbers and words among them.

    A callback of a success also says what was paid and by whom; an answer to a query never does.
    """

    checkout_request_id: str
    code: str
    amount: Money | None = None
    phone: str | None = None
    receipt: str | None = None

    def __repr__(self) -> str:
        return f"StkResult({self.checkout_request_id}, {self.code})"


class MobileMoney(Protocol):
    """The provider. Faults are outcomes here: nobody may take one for a refusal."""

    async def push(self, push: StkPush) -> PushOutcome:
        """Show a prompt. Whoever cannot say what became of it answers PushUnknown, and never tries again by itself."""
        ...

    async def query(self, checkout_request_id: str) -> StkResult | None:
        """What became of a prompt; None while nobody can say."""
        ...

    def read_callback(self, body: bytes) -> StkResult:
        """Read what the provider sent.

        Raises:
            UnreadableCallback: it does not have the form agreed.
        """
        ...


def require_pushable(amount: Money, *, path: tuple[str, ...] = ("amount",)) -> int:
    """The whole shillings of an amount, which stands at `path`. Nothing is rounded.

    Raises:
        InvalidInput: not shillings, not whole ones, or not 1 to 250 000 of them.
    """
    if amount.asset is not Asset.KES:
        raise InvalidInput(FieldFault((*path, "asset"), "must be KES: M-Pesa takes shillings"))
    shillings, cents = divmod(amount.minor, SHILLING_MINOR)
    if cents:
        raise InvalidInput(FieldFault((*path, "amount"), "must be whole shillings: M-Pesa takes no cents"))
    if not SHILLINGS_MIN <= shillings <= SHILLINGS_MAX:
        raise InvalidInput(FieldFault((*path, "amount"), f"must be {SHILLINGS_MIN} to {SHILLINGS_MAX} shillings"))
    return shillings
