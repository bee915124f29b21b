"""By bank: instructions with a reference, a proof by the payer, and finance's word that the money is there."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from domain.errors import QuotaExceeded
from domain.identity.actor import Actor
from domain.identity.errors import OwnAccount
from domain.ids import PaymentId
from domain.money import Asset, Money
from domain.payments.bank_transfer import BankTransfer, new_reference
from domain.payments.errors import NothingToVerify, PaymentNotFound, ProofNotExpected, RailUnavailable
from domain.payments.intent import PaymentIntent, Receipt
from domain.payments.state import PaymentState, Rail
from domain.text import printed_number, reason_line
from domain.unit_of_work import UnitOfWork
from domain.uploads import Upload, UploadPurpose

TRANSFERABLE: Final = (Asset.KES, Asset.INR, Asset.USD, Asset.EUR)
STATEMENT_REFERENCE_MAX: Final = 64
PROOFS_PER_DAY: Final = 20
DAY: Final = timedelta(days=1)


async def instruct(uow: UnitOfWork, intent: PaymentIntent, *, account: str) -> BankTransfer:
    """Tell the payer where to transfer to, and under which reference.

    Raises:
        RailUnavailable: the market has no bank account in this asset.
    """
    if intent.amount.asset not in TRANSFERABLE or not account:
        raise RailUnavailable
    transfer = BankTransfer(payment_id=intent.id, reference=new_reference(), account=account)
    uow.emit(intent.await_payer(provider_reference=transfer.reference, at=uow.now))
    await uow.payments.add_bank_transfer(transfer)
    return transfer


async def submit_proof(uow: UnitOfWork, *, payment_id: PaymentId, proof: Upload) -> tuple[PaymentIntent, BankTransfer]:
    """The payer shows that they paid by a file that is stored already. From then on it waits for finance.

    Raises:
        PaymentNotFound: no such bank transfer of the actor.
        ProofNotExpected: it has ended.
        QuotaExceeded: the actor showed twenty within a day.
    """
    intent, transfer = await _found(uow, payment_id)
    shown = await uow.uploads.stored_since(uow.actor.user_id, uow.now - DAY, purpose=UploadPurpose.PAYMENT_PROOF)
    require_provable(intent, by=uow.actor, shown=shown)
    await uow.uploads.add(proof)
    transfer.prove(proof.id, at=uow.now)
    uow.emit(intent.told)
    return intent, transfer


def require_provable(intent: PaymentIntent, *, by: Actor, shown: int) -> None:
    """Refuse a proof that would be kept for nothing; asked before its file is stored as well. `shown` is how many the
    actor showed within a day.

    Raises:
        PaymentNotFound, ProofNotExpected, QuotaExceeded: as for `submit_proof`.
    """
    if intent.payer_id != by.user_id:
        raise PaymentNotFound
    if intent.state is not PaymentState.AWAITING_PAYER:
        raise ProofNotExpected
    if shown >= PROOFS_PER_DAY:
        message = f"A person shows at most {PROOFS_PER_DAY} proofs a day."
        raise QuotaExceeded(message, retry_after_seconds=int(DAY.total_seconds()))


async def verify_bank_transfer(
    uow: UnitOfWork, *, payment_id: PaymentId, amount: Money, statement_reference: str
) -> Receipt:
    """Finance saw the money on the market's account; the receipt is for `fulfilment.receive_payment`.

    It may have expired, or been paid before: what came is then credited as a late payment.

    Raises:
        PaymentNotFound, NothingToVerify: there is none, or it is no bank transfer.
        OwnAccount: nobody verifies a payment of their own.
        InvalidInput: no reference of the bank's statement, or one with signs that no bank prints.
    """
    number = printed_number(statement_reference, path=("statementReference",), longest=STATEMENT_REFERENCE_MAX)
    intent, transfer = await _decidable(uow, payment_id)
    transfer.decide(by=uow.actor.user_id, at=uow.now)
    return Receipt(payment_id=intent.id, rail=Rail.BANK_TRANSFER, amount=amount, number=number)


async def reject_bank_transfer(
    uow: UnitOfWork, *, payment_id: PaymentId, reason: str
) -> tuple[PaymentIntent, BankTransfer]:
    """Finance found no such money; the payer reads why.

    Raises:
        PaymentNotFound, NothingToVerify, OwnAccount: as for `verify_bank_transfer`.
        PaymentAlreadyEnded: it has ended.
        InvalidInput: no reason.
    """
    why = reason_line(reason)
    intent, transfer = await _decidable(uow, payment_id)
    uow.because(why)
    uow.emit(intent.fail(why, at=uow.now))
    transfer.decide(by=uow.actor.user_id, at=uow.now)
    return intent, transfer


async def _decidable(uow: UnitOfWork, payment_id: PaymentId) -> tuple[PaymentIntent, BankTransfer]:
    intent, transfer = await _found(uow, payment_id)
    if intent.payer_id == uow.actor.user:
        raise OwnAccount
    return intent, transfer


async def _found(uow: UnitOfWork, payment_id: PaymentId) -> tuple[PaymentIntent, BankTransfer]:
    intent = await uow.payments.get_for_update(payment_id)
    if intent.rail is not Rail.BANK_TRANSFER:
        raise NothingToVerify
    return intent, await uow.payments.bank_transfer(payment_id)
