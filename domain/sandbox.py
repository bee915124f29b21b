"""The sandbox that people drive: where time is moved on, and what stands in for providers does as it is told.

It changes nothing of ours: what follows comes by the providers' own ways, as it would from the real ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from domain.errors import Conflict, FieldFault, InvalidInput, NotFound
from domain.money import Money
from domain.payments.state import Rail
from domain.payouts.payout import Payout
from domain.payouts.statement import LineKind, SaidLine

ADVANCE_MAX: Final = timedelta(days=31)
LATE_MAX: Final = timedelta(days=31)
DOWN_MAX: Final = timedelta(days=1)
CODE_LENGTH_MAX: Final = 40


class CallbackFault(StrEnum):
    """What goes wrong with an answer."""

    TIMEOUT = "TIMEOUT"
    """Nobody enters a PIN, nothing is called back, and whoever asks is told that it is being processed."""
    DUPLICATE = "DUPLICATE"
    """It is called back twice."""
    LATE = "LATE"
    """It is decided, and called back, later."""


class SandboxCard(StrEnum):
    """The card that a payer shows."""

    PAYS = "PAYS"
    """It is charged."""
    ASKS_THE_BANK = "ASKS_THE_BANK"
    """The payer's bank asks who they are (3-D Secure) on the page of `nextActionUrl`; answer again to go past it."""
    IS_DECLINED = "IS_DECLINED"
    """Without a reason."""
    HAS_TOO_LITTLE = "HAS_TOO_LITTLE"
    """Declined for want of money."""
    HAS_EXPIRED = "HAS_EXPIRED"
    """Declined for its age."""
    IS_DISPUTED = "IS_DISPUTED"
    """It is charged, and the payer's bank asks for the money back."""
    TAKES_TIME = "TAKES_TIME"
    """It is being processed, for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MpesaPrompt:
    """A prompt on a phone, as M-Pesa's stand-in knows it. `decided_at` is when its result is there; None is never."""

    checkout_id: str
    reference: str
    amount: Money
    code: str
    decided_at: datetime | None
    callbacks: int


class MpesaSandbox(Protocol):
    """M-Pesa's stand-in, reached as a provider is: every method raises GatewayFault where it does not answer."""

    async def prompts(self) -> list[MpesaPrompt]:
        """The latest fifty, the newest first."""
        ...

    async def answer(self, checkout_id: str, *, code: str, fault: CallbackFault | None, late: timedelta) -> MpesaPrompt:
        """Answer a prompt that is open, or call back once more about one that was answered.

        Raises:
            PromptNotFound: there is none.
            PromptAnswered: it was answered, and no duplicate is asked for.
        """
        ...

    async def answer_next(self, *, code: str, fault: CallbackFault | None, late: timedelta) -> None:
        """Answer the next prompt so, as soon as it is shown."""
        ...


class CardSandbox(Protocol):
    """The stand-in of who acquires cards, reached as they are: every method raises GatewayFault as well."""

    async def answer(
        self, checkout_id: str, *, card: SandboxCard, fault: CallbackFault | None, late: timedelta
    ) -> None:
        """Let the payer's app confirm a checkout by a card, or not.

        Raises:
            CheckoutNotFound: there is none.
            CheckoutAnswered: it has come to its end.
        """
        ...

    async def answer_next(self, *, card: SandboxCard, fault: CallbackFault | None, late: timedelta) -> None:
        """Let it do so with the next checkout, as soon as it is there."""
        ...


class Sandbox(Protocol):
    """Everything that is driven."""

    @property
    def mpesa(self) -> MpesaSandbox | None:
        """None where M-Pesa is not open."""
        ...

    @property
    def cards(self) -> CardSandbox | None:
        """None where cards are not open."""
        ...

    async def take_down(self, rail: Rail, duration: timedelta) -> None:
        """Let the provider of a rail answer nothing but faults for so long, by the clock of the sandbox.

        Raises:
            InvalidInput: nothing stands in for a provider of this rail here.
            GatewayFault: it did not answer.
        """
        ...

    async def advance_clock(self, step: timedelta) -> None:
        """Move the time of every process on; it is so for all of them when this returns.

        Raises:
            GatewayFault: a provider's stand-in did not follow; everything of ours did.
        """
        ...


class NoSandbox(Conflict):
    """Real money moves here, or the sandbox was turned off."""

    reason = "NO_SANDBOX"

    def __init__(self) -> None:
        super().__init__("There is no sandbox to drive here.")


class PromptNotFound(NotFound):
    """No such prompt."""

    def __init__(self) -> None:
        super().__init__("prompt")


class PromptAnswered(Conflict):
    """A prompt is answered once; only its callback may come again."""

    reason = "PROMPT_ANSWERED"

    def __init__(self) -> None:
        super().__init__("This prompt was answered before; only its callback can be sent again.")


class CheckoutNotFound(NotFound):
    """No such checkout."""

    def __init__(self) -> None:
        super().__init__("checkout")


class CheckoutAnswered(Conflict):
    """It was paid, or ended otherwise."""

    reason = "CHECKOUT_ANSWERED"

    def __init__(self) -> None:
        super().__init__("This checkout has come to its end.")


def said_by_the_bank(payouts: Sequence[Payout], kind: LineKind, *, on: date) -> list[SaidLine]:
    """A line for each payout that left in a file, as a bank would write it on a day: always the same for the same."""
    return [
        SaidLine(
            kind=kind,
            reference=payout.sent_as,
            number=f"SANDBOX-{payout.sent_as}",
            amount=payout.amount,
            booked_on=on,
            words="" if kind is LineKind.PAID else "The sandbox's bank was told to say so.",
        )
        for payout in payouts
    ]


def require_cards(sandbox: Sandbox) -> CardSandbox:
    """The stand-in of who acquires cards. Raises InvalidInput where there is none."""
    if sandbox.cards is None:
        raise InvalidInput(FieldFault((), "cards are not open here"))
    return sandbox.cards


def require_mpesa(sandbox: Sandbox) -> MpesaSandbox:
    """M-Pesa's stand-in. Raises InvalidInput where there is none."""
    if sandbox.mpesa is None:
        raise InvalidInput(FieldFault((), "M-Pesa is not open here"))
    return sandbox.mpesa


def no_stand_in() -> InvalidInput:
    """Why a rail's provider is not driven."""
    return InvalidInput(FieldFault(("rail",), "has no provider in the sandbox"))


def checked_duration(duration: timedelta, *, longest: timedelta, path: tuple[str, ...]) -> timedelta:
    """A duration of one second to the longest. Raises InvalidInput."""
    if not timedelta(seconds=1) <= duration <= longest:
        raise InvalidInput(FieldFault(path, f"must be 1 to {int(longest.total_seconds())} seconds"))
    return duration


def checked_code(code: str) -> str:
    """A result code as Daraja has them: digits or words, at most 40 of them. Raises InvalidInput."""
    if not (code.isascii() and code.replace("_", "").replace(".", "").isalnum() and len(code) <= CODE_LENGTH_MAX):
        raise InvalidInput(
            FieldFault(("code",), f"must be 1 to {CODE_LENGTH_MAX} letters, digits, dots and underlines")
        )
    return code
