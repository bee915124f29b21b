"""Giving: a customer tips a worker, from their wallet or by a rail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.gateways import Gateways
from domain.identity.errors import OwnAccount
from domain.ids import TipId, TipQrId, WorkerId, new_id
from domain.ledger import chart
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.posting import post
from domain.ledger.transfer import Move, Transfer, require_movable
from domain.money import Asset, Money
from domain.payments.intent import PaymentIntent
from domain.payments.requesting import Way, request_payment
from domain.payments.state import PaymentState, Purpose
from domain.text import line
from domain.tips.errors import OwnTip, TipAmountFixed, TipQrWithdrawn, WorkerNotActive
from domain.tips.short_code import short_code_in
from domain.tips.tip import Tip, TipState
from domain.tips.tip_qr import qr_id_of
from domain.tips.worker import Tipped
from domain.unit_of_work import UnitOfWork
from domain.wallets.errors import RecipientCannotReceive

SMALLEST_TIP: Final = Money(100, Asset.KES)
NOTE_MAX: Final = 140


@dataclass(frozen=True, slots=True)
class ByCode:
    """Found by a code that was read."""

    token: str


@dataclass(frozen=True, slots=True)
class ByWorker:
    """Found nearby, or by name."""

    worker_id: WorkerId


async def give_tip(
    uow: UnitOfWork, gateways: Gateways, *, to: ByCode | ByWorker, amount: Money, note: str | None
) -> Tip:
    """Give from the actor's wallet; all of it is the worker's at once.

    Raises:
        InvalidInput: not in KES, less than a shilling, too much, or a long note.
        TipQrNotFound, TipQrWithdrawn, WorkerNotFound: nobody to tip.
        TipAmountFixed: the code asks for another amount.
        WorkerNotActive, RecipientCannotReceive: the worker takes none at present.
        OwnTip: it is the actor.
        InsufficientFunds: less is available.
    """
    tip = await _meant(uow, gateways, to=to, amount=amount, note=note)
    tip.state = TipState.PAID
    await post(uow, tip_completed(tip, source=chart.user_wallet(tip.giver_id, tip.amount.asset)))
    await uow.tips.add(tip)
    uow.emit(tip.given)
    return tip


async def promise_tip(
    uow: UnitOfWork, gateways: Gateways, *, to: ByCode | ByWorker, amount: Money, note: str | None, way: Way
) -> Tip:
    """Ask the actor for a tip by a rail: the worker's once the money arrived, else it ends with its payment.

    Raises:
        InvalidInput, TipQrNotFound, TipQrWithdrawn, WorkerNotFound, TipAmountFixed, WorkerNotActive,
            RecipientCannotReceive, OwnTip: as for `give_tip`.
        RailUnavailable, QuotaExceeded, TooManyOpenPayments: as for `request_payment`.
    """
    tip = await _meant(uow, gateways, to=to, amount=amount, note=note)
    intent = (await request_payment(uow, purpose=Purpose.TIP, amount=amount, way=way)).intent
    tip.payment_id = intent.id
    await uow.tips.add(tip)
    uow.emit(tip.told if intent.state is PaymentState.REQUESTED else tip.follow(intent.state, failure=None))
    return tip


async def complete_tip(uow: UnitOfWork, intent: PaymentIntent) -> bool:
    """Give what was promised, now that its money is there. False when its worker was shut out meanwhile: nothing is
    given then, and the money is the payer's. Who merely takes a break, or withdrew the code, is given it.

    Only `fulfilment.receive_payment` calls it, once for a payment.

    Raises:
        OwnAccount: who says that the money is there would be given it.
    """
    tip = await uow.tips.get_promised_for_update(intent.id)
    if tip.worker_user_id == uow.actor.user:
        raise OwnAccount
    if not (await uow.tips.get_tipped(tip.worker_id)).may_receive:
        uow.emit(tip.fail("The worker cannot be given anything at present; the money is in your wallet."))
        return False
    uow.emit(tip.pay(at=uow.now))
    await post(uow, tip_completed(tip, source=intent.account))
    uow.emit(tip.given)
    return True


async def follow_tip_payments(uow: UnitOfWork, *, limit: int) -> int:
    """Let at most `limit` tips go along with payments that were asked for, failed or ended; answers how many."""
    behind = await uow.tips.behind_their_payments(limit=limit)
    for tip, state, failure in behind:
        uow.emit(tip.follow(state, failure=failure))
    return len(behind)


def require_tip(amount: Money) -> None:
    """Refuse what cannot be tipped. Raises InvalidInput."""
    if amount.asset is not Asset.KES:
        raise InvalidInput(FieldFault(("amount", "asset"), "must be KES"))
    require_movable(amount, path=("amount", "amount"))
    if amount.minor < SMALLEST_TIP.minor:
        raise InvalidInput(FieldFault(("amount", "amount"), f"must be at least {SMALLEST_TIP.amount}"))


def tip_completed(tip: Tip, *, source: AccountRef) -> Transfer:
    """The whole of it, from a wallet or from where a rail's money comes from."""
    destination = chart.user_wallet(tip.worker_user_id, tip.amount.asset)
    return Transfer(tip.reference, TransferCode.TIP, (Move(source, destination, tip.amount),), tip.note)


async def _meant(uow: UnitOfWork, gateways: Gateways, *, to: ByCode | ByWorker, amount: Money, note: str | None) -> Tip:
    require_tip(amount)
    words = line(note, path=("note",), shortest=0, longest=NOTE_MAX) if note else ""
    tipped, qr_id = await _found(uow, gateways, to, amount)
    worker = tipped.worker
    if worker.user_id == uow.actor.user_id:
        raise OwnTip
    if not worker.is_active:
        raise WorkerNotActive
    if not tipped.may_receive:
        raise RecipientCannotReceive
    return Tip(
        id=TipId(new_id()),
        giver_id=uow.actor.user_id,
        worker_id=worker.id,
        worker_user_id=worker.user_id,
        qr_id=qr_id,
        amount=amount,
        note=words or None,
        given_at=uow.now,
    )


async def _found(
    uow: UnitOfWork, gateways: Gateways, to: ByCode | ByWorker, amount: Money
) -> tuple[Tipped, TipQrId | None]:
    if isinstance(to, ByWorker):
        return await uow.tips.get_tipped(to.worker_id), None
    typed = short_code_in(to.token)
    if typed is not None:
        qr = await uow.tips.get_qr_by_short_code(typed)
        tipped = await uow.tips.get_tipped(qr.worker_id)
    else:
        qr, tipped = await uow.tips.get_tipped_by_code(qr_id_of(to.token, gateways.secrets))
    if qr.withdrawn_at is not None:
        raise TipQrWithdrawn
    if qr.amount not in (None, amount):
        raise TipAmountFixed
    return tipped, qr.id
