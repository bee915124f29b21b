"""Payments as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry
from strawberry.file_uploads import Upload as FileUpload

from domain.ids import IdKind, UserId, encode_id
from domain.money import Asset
from domain.payments.bank_transfer import BankTransfer
from domain.payments.mpesa_request import MpesaRequest
from domain.payments.state import PaymentState, Purpose, Rail
from domain.uploads import Upload
from domain.wallets import reserves as reserves_domain
from domain.wallets.shown_payment import ShownPayment
from schema.checkouts import PaymentCheckout
from schema.errors import Payload
from schema.fields import edge
from schema.identity import User
from schema.masking import mask_phone
from schema.money import Money, MoneyInput
from schema.node import Node
from schema.uploads import StoredFile

strawberry.enum(Purpose, name="PaymentPurpose", description="What is given for a payment; more may come.")
strawberry.enum(PaymentState, description="Where a payment stands.")


@strawberry.type
class BankTransferInstructions:
    """Where to transfer to, and what became of it."""

    reference: str
    """Write it on the transfer: finance finds your payment by it."""
    account: str
    """The market's bank, account and holder."""
    proof_submitted_at: datetime | None
    """When you showed that you paid; from then on it does not expire."""
    decided_at: datetime | None
    """When finance verified or rejected it."""
    proof: StoredFile | None
    """What you showed."""

    @classmethod
    def of(cls, transfer: BankTransfer, proof: Upload | None) -> Self:
        """From a bank transfer of the domain."""
        return cls(
            reference=transfer.reference,
            account=transfer.account,
            proof_submitted_at=transfer.proved_at,
            decided_at=transfer.decided_at,
            proof=StoredFile.of(proof) if proof else None,
        )


@strawberry.type
class MpesaPrompt:
    """The prompt on a phone, and what M-Pesa said of it."""

    phone: str
    """The phone that is asked, with its middle blotted out."""
    reference: str
    """What the prompt shows."""
    receipt_number: str | None
    """M-Pesa's own number of the payment, as its SMS says it."""
    result_code: str | None
    """M-Pesa's last word as its own code: 0 is paid, 1032 cancelled on the phone, 1037 not reached."""

    @classmethod
    def of(cls, request: MpesaRequest) -> Self:
        """From a prompt of the domain."""
        return cls(
            phone=mask_phone(request.phone),
            reference=request.reference,
            receipt_number=request.receipt,
            result_code=request.result_code,
        )


@strawberry.type
class TopUp:
    """What a payment becomes in your wallet, promised when it was requested."""

    result: Money
    """What you get."""
    value: Money
    """What the payment is worth in USDT; zero where nothing is converted."""
    fee: Money
    """The market's share of it, in USDT."""


@strawberry.type
class PaymentIntent(Node):
    """What should be paid, by which rail, and how it ended."""

    payer_key: strawberry.Private[UserId]

    payer: User = edge(key="payer_key", loader="user")
    """Who pays."""
    purpose: Purpose
    """What is given for it."""
    rail: Rail
    """The way that the money takes."""
    amount: Money
    """Exactly this is to be paid."""
    state: PaymentState
    """Where it stands."""
    failure: str | None
    """Why it was refused, where it was."""
    receipt_number: str | None
    """The rail's own number of the money that paid it. Of M-Pesa that is the checkout id, which callback and query both
    know; the number of its SMS is `mpesa.receiptNumber`.
    """
    expires_at: datetime
    """Until when it is waited for. What arrives later is credited to the payer's wallet."""
    created_at: datetime
    """When it was requested."""
    version: int
    """Counts its changes."""
    bank_transfer: BankTransferInstructions | None
    """Where to transfer to, if by bank."""
    mpesa: MpesaPrompt | None
    """What was asked on which phone, if by M-Pesa."""
    checkout: PaymentCheckout | None
    """How it stands at the acquirer, if by card or the like."""
    top_up: TopUp | None
    """What it becomes, if it tops a wallet up."""

    @classmethod
    def of(cls, payment: ShownPayment) -> Self:
        """Of a payment that the caller may see, which was asked before."""
        intent = payment.intent
        return cls(
            id=strawberry.ID(encode_id(IdKind.PAYMENT_INTENT, intent.id)),
            payer_key=intent.payer_id,
            purpose=intent.purpose,
            rail=intent.rail,
            amount=Money.of(intent.amount),
            state=intent.state,
            failure=intent.failure,
            receipt_number=intent.receipt_number,
            expires_at=intent.expires_at,
            created_at=intent.created_at,
            version=intent.version,
            bank_transfer=_bank_transfer(payment),
            mpesa=MpesaPrompt.of(payment.mpesa) if payment.mpesa else None,
            checkout=_checkout(payment),
            top_up=_top_up(payment),
        )


def _bank_transfer(payment: ShownPayment) -> BankTransferInstructions | None:
    if payment.bank_transfer is None:
        return None
    return BankTransferInstructions.of(payment.bank_transfer, payment.proof)


def _checkout(payment: ShownPayment) -> PaymentCheckout | None:
    if payment.checkout is None:
        return None
    return PaymentCheckout.of(payment.checkout, payer_id=payment.intent.payer_id)


def _top_up(payment: ShownPayment) -> TopUp | None:
    if payment.top_up is None:
        return None
    price = payment.top_up.price(payment.intent.amount)
    return TopUp(result=Money.of(price.result), value=Money.of(price.value), fee=Money.of(price.fee))


@strawberry.type
class Reserves:
    """What stands behind the points that people own."""

    points_outstanding: Money
    """Points in people's wallets."""
    usdt_allocated: Money
    """USDT set aside for them."""

    @classmethod
    def of(cls, reserves: reserves_domain.Reserves) -> Self:
        """From the books."""
        return cls(
            points_outstanding=Money.of(reserves.points_outstanding), usdt_allocated=Money.of(reserves.usdt_allocated)
        )


@strawberry.input
class TopUpRequestInput:
    """What you pay, what it is to become, and which way the money takes."""

    amount: MoneyInput
    """Above zero, in the asset that you pay in."""
    into: Asset = Asset.POINTS
    """What you get for it; the amount's own asset converts nothing."""
    rail: Rail
    """The way that the money takes."""
    phone: str | None = None
    """By M-Pesa: the Kenyan number that is asked; your own when you name none."""
    idempotency_key: str
    """Your name for this top-up, 1 to 255 printable characters; sent again, it is requested once."""


@strawberry.type
class TopUpRequestPayload(Payload):
    """The payment that is waited for."""

    payment: PaymentIntent | None = None
    """With its instructions; null when it was refused."""


@strawberry.input
class PaymentProofSubmitInput:
    """What shows that you paid."""

    payment_id: strawberry.ID
    """One of your own bank transfers that has not ended."""
    file: FileUpload
    """A PDF, PNG or JPEG of at most 10 MiB, judged by its bytes; a later one takes the earlier one's place."""


@strawberry.type
class PaymentProofSubmitPayload(Payload):
    """The payment, which waits for finance from now on."""

    payment: PaymentIntent | None = None
    """Null when it was refused."""


@strawberry.input
class PaymentCancelInput:
    """Which payment you do not want."""

    payment_id: strawberry.ID
    """One of your own that has not ended."""


@strawberry.type
class PaymentCancelPayload(Payload):
    """The payment as it ended."""

    payment: PaymentIntent | None = None
    """Null when it was refused."""


@strawberry.type
class CheckoutConfirmPayload(Payload):
    """The payment, whose money is taken from now on."""

    payment: PaymentIntent | None = None
    """Null when it was refused."""


@strawberry.input
class BankTransferVerifyInput:
    """Which money finance saw on the market's account."""

    payment_id: strawberry.ID
    """Somebody else's payment by bank transfer."""
    amount: MoneyInput
    """What arrived; it has to be exactly the payment's."""
    statement_reference: str
    """The bank's own number of the transfer, 1 to 64 ASCII characters; used once, however it is typed."""
    idempotency_key: str
    """Your name for this decision, 1 to 255 printable characters."""


@strawberry.type
class BankTransferVerifyPayload(Payload):
    """The payment that was made."""

    payment: PaymentIntent | None = None
    """PAID; one that had ended otherwise stays as it was, and its money is in the payer's wallet."""
    is_credited_late: bool = False
    """Whether it had ended, so that the money was credited as it came."""
    is_credited_instead: bool = False
    """Whether what it was for could not be given any more, so that the money was credited to the payer's wallet."""


@strawberry.input
class BankTransferRejectInput:
    """Which transfer did not come."""

    payment_id: strawberry.ID
    """Somebody else's payment by bank transfer."""
    reason: str
    """Told to the payer, 3 to 500 characters."""


@strawberry.type
class BankTransferRejectPayload(Payload):
    """The payment as it ended."""

    payment: PaymentIntent | None = None
    """Null when it was refused."""
