"""What a payment by an acquirer has besides its payment: how it stands there, and when the acquirer is asked next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ids import PaymentId
from domain.money import Asset, Money
from domain.payments.acquirer import CheckoutOrder, CheckoutView
from domain.payments.checkout_state import AcquirerCall, CheckoutState
from domain.payments.errors import RailUnavailable
from domain.payments.state import Rail

TAKEN_ASSETS: Final[Mapping[Rail, tuple[Asset, ...]]] = MappingProxyType(
    {
        Rail.CARD: (Asset.KES, Asset.INR, Asset.USD, Asset.EUR),
        Rail.PAYPAL: (Asset.USD, Asset.EUR),
        Rail.RAZORPAY: (Asset.INR,),
    }
)
"""The rails that have an acquirer, and what each takes."""
# Eight digits are the most that a card payment may have, in the smallest unit of every currency taken.
AMOUNT_MINOR_MAX: Final = 99_999_999
# Longer than an acquirer is waited for, a token before it included: no call is under way any more then.
CALL_LEASE: Final = timedelta(seconds=60)
FIRST_WAIT: Final = timedelta(seconds=2)
WAIT_MAX: Final = timedelta(minutes=5)
DOUBLINGS_MAX: Final = 10
# Callbacks get lost, so the acquirer is asked: a minute after, and each time when as much time again has passed.
FIRST_LOOK: Final = timedelta(minutes=1)
LAST_LOOK_BEFORE: Final = timedelta(minutes=1)
ASK_UNTIL: Final = timedelta(hours=24)


@dataclass(eq=False, kw_only=True)
class Checkout:
    """One payment at its acquirer.

    `names_used` counts the names under which it was to be opened: the next one is taken where the acquirer keeps a
    fault for the last. `calls` counts what the acquirer was asked since it last answered. The secret and the address
    are sealed; they are the payer's alone.
    """

    payment_id: PaymentId
    rail: Rail
    reference: str
    state: CheckoutState = CheckoutState.WAITING
    names_used: int = 1
    calls: int = 0
    next_call_at: datetime | None
    closing_since: datetime | None = None
    provider_id: str | None = None
    authorization: str | None = None
    public_key: str | None = None
    sealed_secret: bytes | None = None
    sealed_url: bytes | None = None
    decline: str | None = None
    opened_at: datetime | None = None
    told_at: datetime | None = None

    def call(self, amount: Money, *, at: datetime) -> CheckoutOrder:
        """What to ask for now. To be committed before it is asked: nobody else asks until the lease ends."""
        if self.state is CheckoutState.WAITING:
            self.state = CheckoutState.OPENING
        self.calls += 1
        self.next_call_at = at + CALL_LEASE
        return CheckoutOrder(
            name=f"{self.reference}-{self.names_used}",
            attempt=self.calls,
            reference=self.reference,
            amount=amount,
            provider_id=self.provider_id,
            authorization=self.authorization,
        )

    def next_call(self, *, is_wanted: bool) -> AcquirerCall | None:
        """What its acquirer is asked next; `is_wanted` while its payment has not ended."""
        if self.state.is_ended or (self.state.is_unopened and not is_wanted):
            return None
        if self.state.is_unopened:
            return AcquirerCall.OPEN
        if not is_wanted:
            return AcquirerCall.CLOSE
        return AcquirerCall.CAPTURE if self.state is CheckoutState.APPROVED else AcquirerCall.LOOK

    def ask_again(self, *, at: datetime, wait: timedelta | None = None) -> None:
        """Nobody knows what became of the call: later, each time twice as late."""
        doubled = FIRST_WAIT * (1 << min(self.calls, DOUBLINGS_MAX))
        self.next_call_at = at + (wait or min(doubled, WAIT_MAX))

    def agree(self, authorization: str, *, at: datetime) -> None:
        """The payer agreed to this, so it is taken now."""
        self.state, self.authorization, self.decline = CheckoutState.APPROVED, authorization, None
        self.next_call_at = at

    def decline_capture(self, code: str, *, at: datetime) -> None:
        """What the payer agreed to was not taken, for this reason. They may agree to something else until the payment
        expires, so it is tried again under another name.
        """
        self.decline = code
        self.names_used += 1
        self.next_call_at = at + FIRST_LOOK

    @property
    def is_agreed(self) -> bool:
        """Whether the payer did all there is to do."""
        return self.state is CheckoutState.APPROVED and self.decline is None

    def rename(self) -> None:
        """Open it under another name: the acquirer keeps a fault for the last one, and nobody can pay by that."""
        self.names_used += 1

    def follow(self, view: CheckoutView, *, at: datetime, expires_at: datetime) -> None:
        """It stands so from now on."""
        is_agreed_still = self.state is view.state is CheckoutState.APPROVED
        self.opened_at = self.opened_at or at
        self.state, self.told_at, self.calls = view.state, view.told_at, 0
        self.provider_id = view.provider_id
        self.authorization = view.authorization or self.authorization
        self.public_key = view.public_key or self.public_key
        if is_agreed_still:
            return  # it is being taken, or was declined and is tried again
        self.decline = view.decline
        self.next_call_at = None if self.state.is_ended else self._next_look(at, expires_at)

    def end(self, state: CheckoutState) -> None:
        """Its acquirer is asked no more."""
        self.state, self.next_call_at = state, None

    def close(self, *, at: datetime) -> None:
        """Its payment has ended, so nobody is to pay it."""
        self.closing_since = self.next_call_at = at

    def is_given_up(self, *, at: datetime) -> bool:
        """Whether it could not be closed for a day."""
        return self.closing_since is not None and self.closing_since + ASK_UNTIL <= at

    def is_ahead_of(self, view: CheckoutView) -> bool:
        """Whether more is known than the view tells."""
        return self.state.is_ended or (self.told_at is not None and view.told_at < self.told_at)

    def _next_look(self, at: datetime, expires_at: datetime) -> datetime:
        assert self.opened_at is not None, "it was opened"
        if self.state is CheckoutState.APPROVED:
            return at
        planned = at + max(FIRST_LOOK, at - self.opened_at)
        last = expires_at - LAST_LOOK_BEFORE
        return last if at < last < planned else planned


def require_chargeable(rail: Rail, amount: Money, *, path: tuple[str, ...]) -> None:
    """Refuse what the rail's acquirer would not take. Nothing is rounded.

    Raises:
        RailUnavailable: another asset than it takes.
        InvalidInput: more than it takes at once.
    """
    if amount.asset not in TAKEN_ASSETS[rail]:
        raise RailUnavailable
    if amount.minor > AMOUNT_MINOR_MAX:
        raise InvalidInput(FieldFault((*path, "amount"), "must have at most eight digits"))
