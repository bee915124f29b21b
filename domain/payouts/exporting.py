"""Exporting: approved bank payouts leave in a file, each in one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.errors import InvalidInput
from domain.gateways import Gateways
from domain.ids import BankFileId, new_id
from domain.money import Asset, Money
from domain.payouts.bank_account import BankAccount, bank_account_of
from domain.payouts.bank_file import BankFile, BankFileFormat, BankOrder, BankPayment
from domain.payouts.errors import NoPayoutAccount, NothingToExport
from domain.payouts.payout import Payout
from domain.payouts.state import PayoutRail
from domain.unit_of_work import UnitOfWork

PAYMENTS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class ExportTerms:
    """The market's own account, as the settings write it, and how far the bank's clock is ahead of UTC."""

    account: str
    utc_offset: timedelta


async def export_payouts(
    uow: UnitOfWork, gateways: Gateways, *, asset: Asset, format: BankFileFormat, terms: ExportTerms
) -> BankFile:
    """Put approved bank payouts of one asset into a file, the longest waiting first, at most 200. From this commit on
    they are under way and in no other file, whoever exports at the same moment. What names no account that a file
    could name is left approved: it can be rejected.

    Raises:
        NoPayoutAccount: the settings name no account of the market in this asset.
        NothingToExport: no payout waits.
    """
    debtor = _debtor(terms.account)
    claimed = await uow.payouts.claim_approved(PayoutRail.BANK_TRANSFER, asset=asset, limit=PAYMENTS_MAX)
    payable = [(payout, account) for payout in claimed if (account := _account_of(gateways, payout))]
    if not payable:
        raise NothingToExport
    order = BankOrder(
        file_id=BankFileId(new_id()),
        debtor=debtor,
        made_at=uow.now,
        execute_on=(uow.now + terms.utc_offset).date(),
        total=Money(sum(payout.amount.minor for payout, _ in payable), asset),
        payments=tuple(BankPayment(payout.label, payout.amount, account) for payout, account in payable),
    )
    for payout, _ in payable:
        uow.emit(payout.send(at=uow.now))
    file = _file(uow, gateways, order, gateways.bank_files.write(order, format=format), format=format)
    await uow.bank_files.add(file, [payout for payout, _ in payable])
    return file


def sealed_about(file_id: BankFileId) -> str:
    """What the content of a file is sealed for."""
    return f"bank file {file_id}"


def _debtor(written: str) -> BankAccount:
    try:
        return bank_account_of(written, path=())
    except InvalidInput:
        raise NoPayoutAccount from None


def _account_of(gateways: Gateways, payout: Payout) -> BankAccount | None:
    where = gateways.sealer.unseal(payout.sealed_destination, about=f"payout destination {payout.id}")
    try:
        return bank_account_of(where, path=())
    except InvalidInput:
        return None


def _file(uow: UnitOfWork, gateways: Gateways, order: BankOrder, content: str, *, format: BankFileFormat) -> BankFile:
    written = content.encode()
    return BankFile(
        id=order.file_id,
        format=format,
        total=order.total,
        payments_count=len(order.payments),
        sha256=hashlib.sha256(written).hexdigest(),
        size_bytes=len(written),
        sealed_content=gateways.sealer.seal(content, about=sealed_about(order.file_id)),
        made_by=uow.actor.user_id,
        made_at=uow.now,
        next_attempt_at=uow.now,
    )
