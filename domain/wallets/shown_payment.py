"""A payment as it is shown: with what belongs to its rail and to its purpose."""

from __future__ import annotations

from dataclasses import dataclass

from domain.payments.bank_transfer import BankTransfer
from domain.payments.checkout import Checkout
from domain.payments.intent import PaymentIntent
from domain.payments.mpesa_request import MpesaRequest
from domain.uploads import Upload
from domain.wallets.top_up import TopUp


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPayment:
    """An intent; where it is transferred to and its proof, if by bank; its prompt, if by M-Pesa; how it stands at an
    acquirer, if by one; what it becomes, if it tops a wallet up.
    """

    intent: PaymentIntent
    bank_transfer: BankTransfer | None = None
    proof: Upload | None = None
    mpesa: MpesaRequest | None = None
    checkout: Checkout | None = None
    top_up: TopUp | None = None
