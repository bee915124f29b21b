"""Where money goes that nothing is given for."""

from __future__ import annotations

from domain.ids import IdKind, encode_id
from domain.ledger import chart
from domain.ledger.codes import TransferCode
from domain.ledger.transfer import Move, Transfer
from domain.payments.intent import PaymentIntent, Receipt


def credited(intent: PaymentIntent) -> Transfer:
    """What was paid for something that cannot be given any more; the whole of it is the payer's."""
    wallet = chart.user_wallet(intent.payer_id, intent.amount.asset)
    reference = f"payment:{encode_id(IdKind.PAYMENT_INTENT, intent.id)}:credited"
    return Transfer(reference, TransferCode.PAYMENT_CREDITED, (Move(intent.account, wallet, intent.amount),))


def arrived_late(intent: PaymentIntent, receipt: Receipt) -> Transfer:
    """The whole of it is the payer's."""
    wallet = chart.user_wallet(intent.payer_id, receipt.amount.asset)
    reference = f"payment:{intent.rail.value.lower()}:{receipt.number}"
    return Transfer(reference, TransferCode.LATE_PAYMENT, (Move(intent.account, wallet, receipt.amount),))
