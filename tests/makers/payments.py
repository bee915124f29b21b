"""Payments that are waited for, and what arrives for them."""

from __future__ import annotations

from typing import Final

from domain.fulfilment import Arrival, receive_payment
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import PaymentId
from domain.money import Asset, Money
from domain.payments.bank_transfers import submit_proof, verify_bank_transfer
from domain.payments.intent import PaymentIntent
from domain.payments.requesting import Way
from domain.payments.state import Rail
from domain.uploads import UploadPurpose, checked_upload
from domain.wallets.shown_payment import ShownPayment
from domain.wallets.topping_up import request_top_up
from tests.commands import Commands
from tests.makers.conversion import TERMS
from tests.makers.people import make_person

ACCOUNT: Final = "Sokoni Demo Bank, account 0100 200 300, Sokoni Ltd"


async def make_top_up(
    commands: Commands, payer: Actor, amount: Money, into: Asset = Asset.POINTS, *, account: str = ACCOUNT
) -> ShownPayment:
    """A payment by bank transfer."""
    async with commands.by(payer) as uow:
        return await request_top_up(
            uow,
            amount=amount,
            into=into,
            way=Way(rail=Rail.BANK_TRANSFER, open_rails=frozenset(Rail), bank_account=account),
            terms=TERMS,
        )


async def prove(commands: Commands, payer: Actor, payment_id: PaymentId) -> None:
    """The payer shows that they paid."""
    proof = checked_upload(
        b"%PDF-1.7",
        content_type="application/pdf",
        purpose=UploadPurpose.PAYMENT_PROOF,
        owner_id=payer.user_id,
        at=commands.now,
    )
    async with commands.by(payer) as uow:
        await submit_proof(uow, payment_id=payment_id, proof=proof)


async def arrive(
    commands: Commands, payment: PaymentIntent, *, number: str = "FT26330ABC", amount: Money | None = None
) -> Arrival:
    """Finance sees the money on the market's account."""
    clerk = await make_person(commands, Role.FINANCE)
    async with commands.by(clerk) as uow:
        receipt = await verify_bank_transfer(
            uow, payment_id=payment.id, amount=amount or payment.amount, statement_reference=number
        )
        return (await receive_payment(uow, receipt))[1]
