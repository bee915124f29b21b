"""What workers and those who tip them command: the same whether it comes at once or from the queue of a device."""

from __future__ import annotations

from domain.errors import FieldFault, InvalidInput
from domain.ids import IdKind, TipQrId, WorkerId, decode_id
from domain.plain import to_plain
from domain.tips.giving import ByCode, ByWorker, give_tip, promise_tip
from domain.tips.profile import make_tip_qr, switch_worker, withdraw_tip_qr
from resolvers.context import Info
from resolvers.payments import way_of
from schema.tip_qrs import TipQr, TipQrCreateInput, TipQrCreatePayload, TipQrWithdrawInput, TipQrWithdrawPayload
from schema.tips import Tip, TipGiveInput, TipGivePayload
from schema.workers import Worker, WorkerSwitchInput, WorkerSwitchPayload


async def give(info: Info, given: TipGiveInput) -> TipGivePayload:
    """Tip a worker from a wallet, or promise it by a rail."""
    amount, to, gateways = given.amount.parse(), whom(given), info.context.gateways
    way = await way_of(info, given.rail, asset=amount.asset, phone=given.phone) if given.rail else None
    async with info.context.unit_of_work() as uow:
        if way is None:
            tip = await give_tip(uow, gateways, to=to, amount=amount, note=given.note)
        else:
            tip = await promise_tip(uow, gateways, to=to, amount=amount, note=given.note, way=way)
        payload = TipGivePayload(tip=Tip.of(tip))
        uow.remember(to_plain(payload))
    return payload


async def switch(info: Info, given: WorkerSwitchInput) -> WorkerSwitchPayload:
    """Take tips, or none for a while."""
    async with info.context.unit_of_work() as uow:
        worker = await switch_worker(uow, is_active=given.is_active, expected_version=given.expected_version)
        payload = WorkerSwitchPayload(worker=Worker.of(worker))
        uow.remember(to_plain(payload))
    return payload


async def create_qr(info: Info, given: TipQrCreateInput) -> TipQrCreatePayload:
    """Make a code for a card."""
    amount = given.amount.parse() if given.amount else None
    async with info.context.unit_of_work() as uow:
        payload = TipQrCreatePayload(qr=TipQr.of(await make_tip_qr(uow, amount=amount, spot=given.spot)))
        uow.remember(to_plain(payload))
    return payload


async def withdraw_qr(info: Info, given: TipQrWithdrawInput) -> TipQrWithdrawPayload:
    """Make a code worth nothing."""
    qr_id = tip_qr_id_of(given.qr_id)
    async with info.context.unit_of_work() as uow:
        qr = await withdraw_tip_qr(uow, qr_id=qr_id, expected_version=given.expected_version)
        payload = TipQrWithdrawPayload(qr=TipQr.of(qr))
        uow.remember(to_plain(payload))
    return payload


def tip_qr_id_of(text: str) -> TipQrId:
    """Read a code's id. Raises InvalidInput."""
    return TipQrId(decode_id(IdKind.TIP_QR, text, path=("qrId",)))


def whom(given: TipGiveInput) -> ByCode | ByWorker:
    """Who is tipped. Raises InvalidInput unless it is one."""
    if given.token is not None and given.worker_id is None:
        return ByCode(given.token)
    if given.worker_id is not None and given.token is None:
        return ByWorker(WorkerId(decode_id(IdKind.WORKER, given.worker_id, path=("workerId",))))
    raise InvalidInput(FieldFault((), "takes token or workerId, and not both"))
