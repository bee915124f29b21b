"""Reading: a code is found by what a camera saw or by what somebody typed."""

from __future__ import annotations

from domain.gateways import Gateways
from domain.tips.short_code import short_code_in
from domain.tips.tip_qr import TipQr, qr_id_of
from domain.unit_of_work import UnitOfWork


async def read_code(uow: UnitOfWork, gateways: Gateways, token: str) -> TipQr:
    """The code, withdrawn or not.

    Raises:
        TipQrNotFound: it is none of ours, was altered, or was mistyped.
    """
    typed = short_code_in(token)
    if typed is not None:
        return await uow.tips.get_qr_by_short_code(typed)
    return await uow.tips.get_qr(qr_id_of(token, gateways.secrets))
