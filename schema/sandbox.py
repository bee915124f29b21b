"""The sandbox as the API lets it be driven."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from domain import sandbox as domain
from domain.payments.state import Rail
from domain.payouts.statement import LineKind
from domain.sandbox import CallbackFault, SandboxCard
from schema.errors import Payload
from schema.money import Money

strawberry.enum(CallbackFault, name="SandboxCallbackFault", description="What goes wrong with an answer.")
strawberry.enum(SandboxCard, description="The card that a payer shows.")


@strawberry.type
class SandboxPrompt:
    """A prompt of M-Pesa on a phone that nobody holds."""

    checkout_id: strawberry.ID
    """Daraja's name for it."""
    reference: str
    """What the payer reads; the payment shows it as `mpesa.reference`."""
    amount: Money
    """Whole shillings."""
    code: str
    """The result, as Daraja's ResultCode; 0 is paid."""
    decided_at: datetime | None
    """When the result is there; null while nobody answers."""
    callbacks: int
    """How often it was called back."""

    @classmethod
    def of(cls, prompt: domain.MpesaPrompt) -> Self:
        """From a prompt of the domain."""
        return cls(
            checkout_id=strawberry.ID(prompt.checkout_id),
            reference=prompt.reference,
            amount=Money.of(prompt.amount),
            code=prompt.code,
            decided_at=prompt.decided_at,
            callbacks=prompt.callbacks,
        )


@strawberry.input
class SandboxMpesaAnswerInput:
    """What a payer does with a prompt, and what goes wrong with it."""

    checkout_id: strawberry.ID | None = None
    """Which prompt; left out, the next one that is shown."""
    code: str = "0"
    """What it comes to, as Daraja's ResultCode: 0 is paid, 1032 cancelled, 1 too little money, 2001 a wrong PIN."""
    fault: CallbackFault | None = None
    """Left out, it is called back once and at once."""
    late_seconds: int = 90_000
    """How late LATE is, 1 to 2678400; a day and an hour unless said."""


@strawberry.type
class SandboxMpesaAnswerPayload(Payload):
    """The prompt, answered."""

    prompt: SandboxPrompt | None = None
    """Null when it was refused, and where the next prompt is meant."""


@strawberry.input
class SandboxCardAnswerInput:
    """What a payer's app does with a checkout, and what goes wrong with it."""

    checkout_id: strawberry.ID | None = None
    """Which, as the payment shows it in `checkout.providerReference`; left out, the next one."""
    card: SandboxCard = SandboxCard.PAYS
    """By which card."""
    fault: CallbackFault | None = None
    """Left out, it is called back once and at once; with TIMEOUT nobody confirms it."""
    late_seconds: int = 90_000
    """How late LATE is, 1 to 2678400; a day and an hour unless said."""


@strawberry.type
class SandboxCardAnswerPayload(Payload):
    """The checkout, answered."""


@strawberry.input
class SandboxBankStatementInput:
    """What the bank says of every payout that left in a file and that it told nothing of yet."""

    status: LineKind = LineKind.PAID
    """What it did with them."""


@strawberry.type
class SandboxBankStatementPayload(Payload):
    """The bank has spoken."""

    lines_count: int = 0
    """Of how many payouts; they end within seconds."""


@strawberry.input
class SandboxProviderDownInput:
    """Whose provider is away, and for how long."""

    rail: Rail
    """One whose provider the sandbox stands in for."""
    seconds: int
    """1 to 86400, by the sandbox's clock."""


@strawberry.type
class SandboxProviderDownPayload(Payload):
    """The provider is away."""

    until: datetime | None = None
    """When it is back, by the sandbox's clock; null when it was refused."""


@strawberry.input
class SandboxClockAdvanceInput:
    """How far time is moved on."""

    seconds: int
    """1 to 2678400. Nothing moves it back."""


@strawberry.type
class SandboxClockAdvancePayload(Payload):
    """Time was moved on."""

    now: datetime | None = None
    """What every process shows; null when it was refused."""
