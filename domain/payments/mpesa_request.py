"""What a payment by M-Pesa has besides its payment: the phone, the prompt, and what the provider said of it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ids import PaymentId
from domain.payments.mobile_money import PushAccepted, StkPush

TOKEN_BYTES: Final = 24
# A push waits ten seconds for its answer, and twice as long for a token before it; nothing is under way any more then.
SENDING_LEASE: Final = timedelta(seconds=150)
# The prompt lives about a minute; callbacks get lost, so Daraja is asked, and asked again while it cannot say.
QUERY_PLAN: Final = tuple(timedelta(seconds=seconds) for seconds in (75, 90, 120, 300, 900))
QUERY_EVERY: Final = timedelta(hours=1)
QUERY_UNTIL: Final = timedelta(hours=24)
_KENYAN: Final = "+254"
_DIGITS: Final = 12


class PushState(StrEnum):
    """Where the push stands; never from SENDING back to WAITING without the provider's word."""

    WAITING = "WAITING"
    """To be pushed."""
    SENDING = "SENDING"
    """Committed before the provider is asked: whoever finds it so must not push."""
    SENT = "SENT"
    """Accepted, and known by its checkout id."""
    UNKNOWN = "UNKNOWN"
    """It may have been accepted; a callback would tell."""
    REFUSED = "REFUSED"
    """There is no prompt."""
    DROPPED = "DROPPED"
    """Nobody was asked: the payment ended before."""


@dataclass(eq=False, kw_only=True)
class MpesaRequest:
    """The prompt of one payment.

    Of the callback's token only a digest is kept. `result_code` is the provider's last word, as text; `receipt` is
    M-Pesa's own number, for show.
    """

    payment_id: PaymentId
    phone: str
    reference: str
    state: PushState = PushState.WAITING
    attempts: int = 0
    next_attempt_at: datetime
    claimed_until: datetime | None = None
    callback_digest: bytes | None = None
    requested_at: datetime | None = None
    merchant_request_id: str | None = None
    checkout_request_id: str | None = None
    queries: int = 0
    next_query_at: datetime | None = None
    result_code: str | None = None
    receipt: str | None = None

    @property
    def msisdn(self) -> str:
        """The phone as the provider writes it: `2547XXXXXXXX`."""
        return self.phone.removeprefix("+")

    def send(self, *, shillings: int, at: datetime) -> StkPush:
        """What to push now, under a token that nobody can guess. To be committed before it is pushed."""
        # In hexadecimal digits: other letters would now and then spell a word that Daraja refuses in an address.
        token = secrets.token_hex(TOKEN_BYTES)
        self.state, self.requested_at, self.claimed_until = PushState.SENDING, at, at + SENDING_LEASE
        self.attempts += 1
        self.callback_digest = digest_of(token)
        return StkPush(phone=self.msisdn, shillings=shillings, reference=self.reference, callback_token=token)

    def accept(self, accepted: PushAccepted) -> None:
        """The provider answered."""
        self.merchant_request_id = accepted.merchant_request_id
        self.know(accepted.checkout_request_id)

    def know(self, checkout_request_id: str) -> None:
        """From the answer, or from a callback that was faster: there is a prompt, so nobody pushes again."""
        assert self.requested_at is not None, "it was pushed"
        self.state, self.claimed_until = PushState.SENT, None
        self.checkout_request_id = checkout_request_id
        if self.result_code is None:
            self.next_query_at = self.requested_at + QUERY_PLAN[0]

    def defer(self, *, until: datetime) -> None:
        """Nothing was accepted."""
        self.state, self.claimed_until, self.next_attempt_at = PushState.WAITING, None, until

    def leave(self, state: PushState) -> None:
        """It is not pushed again."""
        self.state, self.claimed_until = state, None

    def query(self, *, at: datetime) -> None:
        """Count a query, and plan the next one; the last of them plans none."""
        assert self.requested_at is not None, "it was pushed"
        self.queries += 1
        self.next_query_at = next_query_at(self.requested_at, after=at)

    def end(self, code: str) -> None:
        """The provider's last word; it is asked no more."""
        self.result_code, self.next_query_at = code, None

    def doubt(self, code: str, *, at: datetime) -> None:
        """Somebody called back that it failed: the provider is asked once more, a quarter of an hour after the push."""
        assert self.requested_at is not None, "it was pushed"
        self.result_code, self.next_query_at = code, max(at, self.requested_at + QUERY_PLAN[-1])


def next_query_at(requested_at: datetime, *, after: datetime) -> datetime | None:
    """75 s, 90 s, 2, 5 and 15 minutes after the push, then each hour for a day."""
    elapsed = after - requested_at
    for planned in QUERY_PLAN:
        if planned > elapsed:
            return requested_at + planned
    hour = (elapsed // QUERY_EVERY + 1) * QUERY_EVERY
    return requested_at + hour if hour <= QUERY_UNTIL else None


def digest_of(token: str) -> bytes:
    """What is kept of a callback's token: whoever reads the database cannot call back."""
    return hashlib.sha256(token.encode()).digest()


def require_mpesa_phone(phone: str | None) -> str:
    """The number, if M-Pesa can be on it: a Kenyan one, in E.164.

    Raises:
        InvalidInput: none, or one of another country.
    """
    if phone is None or not phone.startswith(_KENYAN) or len(phone) != len("+") + _DIGITS:
        raise InvalidInput(FieldFault(("phone",), "must be a Kenyan mobile number such as +254712345678"))
    return phone
