"""Payments: wallets are topped up, and finance says what arrived by bank."""

from __future__ import annotations

import strawberry

from db.engine import Connection
from db.reads.payments import payment_by_id, payments_of, proved_payments
from db.reads.reserves import reserves
from db.reads.uploads import stored_since
from domain.fulfilment import Arrival, receive_payment
from domain.identity.actor import Actor
from domain.identity.address import parse_address
from domain.identity.roles import Permission
from domain.ids import IdKind, PaymentId, decode_id
from domain.money import Asset
from domain.payments.bank_transfers import (
    DAY,
    reject_bank_transfer,
    require_provable,
    submit_proof,
    verify_bank_transfer,
)
from domain.payments.cancelling import cancel_payment
from domain.payments.confirming import confirm_checkout
from domain.payments.errors import PaymentNotFound
from domain.payments.mpesa_request import require_mpesa_phone
from domain.payments.requesting import Way
from domain.payments.state import Purpose, Rail
from domain.plain import to_plain
from domain.uploads import UploadPurpose, checked_upload
from domain.wallets.shown_payment import ShownPayment
from domain.wallets.topping_up import request_top_up
from resolvers.context import Info
from resolvers.conversion import terms_of
from schema.access import SIGNED_IN, holders_of
from schema.checkouts import CheckoutConfirmInput
from schema.fields import mutation, query
from schema.pages import Connection as Page
from schema.pages import scope_of
from schema.payments import (
    BankTransferRejectInput,
    BankTransferRejectPayload,
    BankTransferVerifyInput,
    BankTransferVerifyPayload,
    CheckoutConfirmPayload,
    PaymentCancelInput,
    PaymentCancelPayload,
    PaymentIntent,
    PaymentProofSubmitInput,
    PaymentProofSubmitPayload,
    Reserves,
    TopUpRequestInput,
    TopUpRequestPayload,
)
from schema.uploads import file_of


def payment_id_of(text: str, *, path: tuple[str, ...] = ("paymentId",)) -> PaymentId:
    """Read a payment's id.

    Raises:
        InvalidInput: it is no payment's id.
    """
    return PaymentId(decode_id(IdKind.PAYMENT_INTENT, text, path=path))


async def visible_payment(connection: Connection, payment_id: PaymentId, actor: Actor) -> ShownPayment | None:
    """The payment, if there is one that the actor may see: their own, or anybody's for finance."""
    payment = await payment_by_id(connection, payment_id)
    may_see = payment and (payment.intent.payer_id == actor.user or actor.may(Permission.PAYMENT_VERIFY))
    return payment if may_see else None


async def own_payment(connection: Connection, payment_id: PaymentId, actor: Actor) -> ShownPayment:
    """The payment. Raises PaymentNotFound when it is not the actor's."""
    payment = await visible_payment(connection, payment_id, actor)
    if payment is None or payment.intent.payer_id != actor.user:
        raise PaymentNotFound
    return payment


async def bank_account_for(info: Info, asset: Asset) -> str:
    """The market's bank account in this asset, as the settings name it; empty where there is none."""
    setting = (await info.context.settings.current()).settings.get(f"bank_account_{asset.code.lower()}")
    return str(setting.value) if setting else ""


def phone_of(info: Info, text: str | None) -> str | None:
    """Read the phone to be asked, if one is named.

    Raises:
        InvalidInput: it is no phone number.
    """
    if text is None:
        return None
    number = parse_address(text, phone_numbers=info.context.gateways.phone_numbers, path=("phone",))
    return require_mpesa_phone(number.value)


async def way_of(info: Info, rail: Rail, *, asset: Asset, phone: str | None) -> Way:
    """The way that the caller chose, with what the market offers of it. Raises InvalidInput: no phone number."""
    return Way(
        rail=rail,
        open_rails=info.context.open_rails,
        bank_account=await bank_account_for(info, asset),
        phone=phone_of(info, phone),
    )


@strawberry.type
class ViewerPayments:
    """What the viewer paid or should pay."""

    @query(access=SIGNED_IN)
    async def payments(self, info: Info, first: int | None = None, after: str | None = None) -> Page[PaymentIntent]:
        """Your payments, the newest first. Pages of 1 to 50, 20 when nothing is said."""
        payer = info.context.actor.user_id
        cursors, scope = info.context.cursors, scope_of("viewer.payments", payer)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await payments_of(connection, payer, page=request)
        return Page.of(page.map(PaymentIntent.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class PaymentQuery:
    """What can be asked about payments."""

    @query(access=SIGNED_IN)
    async def payment_intent(self, info: Info, id: strawberry.ID) -> PaymentIntent:
        """One of your own payments; finance sees everybody's."""
        async with info.context.database.read() as connection:
            found = await visible_payment(connection, payment_id_of(id, path=("id",)), info.context.actor)
        if found is None:
            raise PaymentNotFound
        return PaymentIntent.of(found)

    @query(access=holders_of(Permission.PAYMENT_VERIFY))
    async def bank_transfer_queue(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Page[PaymentIntent]:
        """Bank transfers with a proof that wait for finance, the one that waits longest first."""
        cursors, scope = info.context.cursors, scope_of("bankTransferQueue")
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await proved_payments(connection, page=request)
        return Page.of(page.map(PaymentIntent.of), cursors=cursors, scope=scope, request=request)

    @query(access=holders_of(Permission.LEDGER_READ))
    async def reserves(self, info: Info) -> Reserves:
        """The points that people own and the USDT that stand behind them, at one instant."""
        async with info.context.database.snapshot() as connection:
            return Reserves.of(await reserves(connection))


@strawberry.type
class PaymentMutation:
    """How payments are asked for, and how they end."""

    @mutation(access=SIGNED_IN, once=True)
    async def top_up_request(self, info: Info, input: TopUpRequestInput) -> TopUpRequestPayload:
        """Ask for a payment that tops your wallet up. What you get is promised now; paymentEvents tells the rest."""
        amount, terms = input.amount.parse(), await terms_of(info)
        way = await way_of(info, input.rail, asset=amount.asset, phone=input.phone)
        async with info.context.unit_of_work() as uow:
            requested = await request_top_up(uow, amount=amount, into=input.into, way=way, terms=terms)
            payload = TopUpRequestPayload(payment=PaymentIntent.of(requested))
            uow.remember(to_plain(payload))
        return payload

    @mutation(access=SIGNED_IN)
    async def payment_proof_submit(self, info: Info, input: PaymentProofSubmitInput) -> PaymentProofSubmitPayload:
        """Show that you paid: the payment then waits for finance and does not expire."""
        context, payment_id = info.context, payment_id_of(input.payment_id)
        actor, now = context.actor, context.clock.now()
        async with context.database.read() as connection:
            payment = await own_payment(connection, payment_id, actor)
            shown = await stored_since(connection, actor.user_id, now - DAY, purpose=UploadPurpose.PAYMENT_PROOF)
        require_provable(payment.intent, by=actor, shown=shown)
        file = file_of(input.file)
        content = await file.read()
        proof = checked_upload(
            content,
            content_type=file.content_type,
            purpose=UploadPurpose.PAYMENT_PROOF,
            owner_id=actor.user_id,
            at=now,
        )
        # Stored before the command and outside of it; a file that no command refers to is no harm.
        await context.storage.put(proof.key, content, content_type=proof.content_type)
        async with context.unit_of_work() as uow:
            await submit_proof(uow, payment_id=payment_id, proof=proof)
        return PaymentProofSubmitPayload(payment=await _as_it_stands(info, payment_id))

    @mutation(access=SIGNED_IN)
    async def payment_cancel(self, info: Info, input: PaymentCancelInput) -> PaymentCancelPayload:
        """End an open payment of yours. What arrives for it nevertheless is credited to your wallet."""
        payment_id = payment_id_of(input.payment_id)
        async with info.context.unit_of_work() as uow:
            await cancel_payment(uow, payment_id=payment_id)
        return PaymentCancelPayload(payment=await _as_it_stands(info, payment_id))

    @mutation(access=SIGNED_IN)
    async def checkout_confirm(self, info: Info, input: CheckoutConfirmInput) -> CheckoutConfirmPayload:
        """Show what the acquirer's checkout signed in your app; the money is taken without waiting for its callback."""
        payment_id = payment_id_of(input.payment_id)
        async with info.context.unit_of_work() as uow:
            await confirm_checkout(
                uow,
                payment_id=payment_id,
                authorization=input.provider_payment_id,
                signature=input.signature,
                signatures=info.context.checkout_signatures,
            )
        return CheckoutConfirmPayload(payment=await _as_it_stands(info, payment_id))

    @mutation(access=holders_of(Permission.PAYMENT_VERIFY), once=True)
    async def bank_transfer_verify(self, info: Info, input: BankTransferVerifyInput) -> BankTransferVerifyPayload:
        """Say that the money of a bank transfer arrived. What it was for is given in the same commit, once."""
        payment_id, amount = payment_id_of(input.payment_id), input.amount.parse()
        async with info.context.unit_of_work() as uow:
            receipt = await verify_bank_transfer(
                uow, payment_id=payment_id, amount=amount, statement_reference=input.statement_reference
            )
            intent, arrival = await receive_payment(uow, receipt)
            payment = ShownPayment(
                intent=intent,
                bank_transfer=await uow.payments.bank_transfer(intent.id),
                top_up=await uow.top_ups.get(intent.id) if intent.purpose is Purpose.TOP_UP else None,
            )
            payload = BankTransferVerifyPayload(
                payment=PaymentIntent.of(payment),
                is_credited_late=arrival is Arrival.CREDITED_LATE,
                is_credited_instead=arrival is Arrival.CREDITED_INSTEAD,
            )
            uow.remember(to_plain(payload))
        return payload

    @mutation(access=holders_of(Permission.PAYMENT_VERIFY))
    async def bank_transfer_reject(self, info: Info, input: BankTransferRejectInput) -> BankTransferRejectPayload:
        """Say that no such money arrived. The payer reads why, and may begin anew."""
        payment_id = payment_id_of(input.payment_id)
        async with info.context.unit_of_work() as uow:
            await reject_bank_transfer(uow, payment_id=payment_id, reason=input.reason)
        return BankTransferRejectPayload(payment=await _as_it_stands(info, payment_id))


async def _as_it_stands(info: Info, payment_id: PaymentId) -> PaymentIntent | None:
    async with info.context.database.read() as connection:
        found = await payment_by_id(connection, payment_id)
    return PaymentIntent.of(found) if found else None
