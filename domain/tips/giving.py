"""Giving: a customer tips a worker from their wallet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.gateways import Gateways
from domain.ids import TipId, TipQrId, WorkerId, new_id
from domain.ledger import chart
from domain.ledger.account import wallet_id_of
from domain.ledger.codes import TransferCode
from domain.ledger.posting import post
from domain.ledger.transfer import Move, Transfer, require_movable
from domain.money import Asset, Money
from domain.text import line
from domain.tips.errors import OwnTip, TipAmountFixed, TipQrWithdrawn, WorkerNotActive
from domain.tips.tip import Tip
from domain.tips.tip_qr import qr_id_of
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
    require_tip(amount)
    words = line(note, path=("note",), shortest=0, longest=NOTE_MAX) if note else ""
    worker_id, qr_id = await _found(uow, gateways, to, amount)
    worker = await uow.tips.get_worker(worker_id)
    if worker.user_id == uow.actor.user_id:
        raise OwnTip
    if not worker.is_active:
        raise WorkerNotActive
    tip = Tip(
        id=TipId(new_id()),
        giver_id=uow.actor.user_id,
        worker_id=worker.id,
        worker_user_id=worker.user_id,
        qr_id=qr_id,
        amount=amount,
        note=words or None,
        given_at=uow.now,
    )
    await _require_may_receive(uow, tip)
    await post(uow, tip_completed(tip))
    await uow.tips.add(tip)
    uow.emit(tip.given)
    return tip


def require_tip(amount: Money) -> None:
    """Refuse what cannot be tipped. Raises InvalidInput."""
    if amount.asset is not Asset.KES:
        raise InvalidInput(FieldFault(("amount", "asset"), "must be KES"))
    require_movable(amount, path=("amount", "amount"))
    if amount.minor < SMALLEST_TIP.minor:
        raise InvalidInput(FieldFault(("amount", "amount"), f"must be at least {SMALLEST_TIP.amount}"))


def tip_completed(tip: Tip) -> Transfer:
    """The whole of it, from one wallet to the other."""
    source = chart.user_wallet(tip.giver_id, tip.amount.asset)
    destination = chart.user_wallet(tip.worker_user_id, tip.amount.asset)
    return Transfer(tip.reference, TransferCode.TIP, (Move(source, destination, tip.amount),), tip.note)


async def _found(
    uow: UnitOfWork, gateways: Gateways, to: ByCode | ByWorker, amount: Money
) -> tuple[WorkerId, TipQrId | None]:
    if isinstance(to, ByWorker):
        return to.worker_id, None
    qr = await uow.tips.get_qr(qr_id_of(to.token, gateways.secrets))
    if qr.withdrawn_at is not None:
        raise TipQrWithdrawn
    if qr.amount not in (None, amount):
        raise TipAmountFixed
    return qr.worker_id, qr.id


async def _require_may_receive(uow: UnitOfWork, tip: Tip) -> None:
    ours, theirs = (wallet_id_of(owner, tip.amount.asset) for owner in (tip.giver_id, tip.worker_user_id))
    _, recipient = await uow.wallets.parties(ours, theirs)
    if recipient is None or recipient.is_blocked(uow.now):
        raise RecipientCannotReceive
