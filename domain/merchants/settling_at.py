"""Settling at: a merchant says where its USDT go, and has a day to stop whoever else said so."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from domain.errors import QuotaExceeded
from domain.gateways import Gateways
from domain.identity.notice import send_notice
from domain.identity.roles import Permission
from domain.identity.second_factor import require_second_factor
from domain.ids import MerchantId, SettlementAddressId, new_id
from domain.merchants.chain_address import SettlementNetwork, checked_address
from domain.merchants.errors import MerchantNotFound, NoPendingAddress, SettlementAddressStays
from domain.merchants.merchant import Merchant
from domain.merchants.settlement_address import COOLING_OFF, SettlementAddress, SettlementAddressState, in_force
from domain.text import reason_line
from domain.unit_of_work import UnitOfWork

SETS_PER_DAY: Final = 5
DAY: Final = timedelta(days=1)


async def set_settlement_address(
    uow: UnitOfWork, gateways: Gateways, *, merchant_id: MerchantId, network: SettlementNetwork, address: str
) -> SettlementAddress:
    """Have a merchant of the actor's paid elsewhere from tomorrow on; until then the present address stays in force.
    One that waited gives way. The owner is told by a message, so that they can cancel what they did not do.

    Raises:
        SecondFactorNeeded: the session did not show its PIN or a code within five minutes.
        InvalidInput: no address of this network, or one that was mistyped.
        MerchantNotFound: no such merchant of the actor.
        SettlementAddressStays: it is in force, or waits, already.
        QuotaExceeded: five were set within a day.
    """
    where = checked_address(network, address)
    await require_second_factor(uow)
    merchant = await uow.merchants.get_for_update(merchant_id)
    if merchant.owner_id != uow.actor.user_id:
        raise MerchantNotFound
    known = await uow.merchants.settlement_addresses(merchant.id)
    _require_quota(uow, known)
    pending = _pending(uow, known)
    newest = pending or in_force(known, uow.now)
    if newest is not None and newest.is_same(network, where):
        raise SettlementAddressStays
    if pending is not None:
        _cancel(uow, merchant, pending)
    chosen = SettlementAddress(
        id=SettlementAddressId(new_id()),
        merchant_id=merchant.id,
        network=network,
        address=where,
        set_by=uow.actor.user_id,
        set_at=uow.now,
        in_force_at=uow.now + COOLING_OFF,
    )
    await uow.merchants.add_settlement_address(chosen)
    uow.emit(chosen.told(merchant, SettlementAddressState.PENDING))
    text = (
        f"{merchant.name} will be paid at {_shown(where)} ({network}) from {chosen.in_force_at:%Y-%m-%d %H:%M} UTC on. "
        "If this was not you, cancel it in Sokoni and call us."
    )
    await send_notice(uow, gateways, user_id=merchant.owner_id, text=text)
    return chosen


async def cancel_settlement_address(
    uow: UnitOfWork, gateways: Gateways, *, merchant_id: MerchantId, reason: str
) -> SettlementAddress:
    """Stop an address that does not hold yet: by the merchant's owner, or by those who verify merchants. It takes no
    second factor, because it changes nothing but back.

    Raises:
        MerchantNotFound: no such merchant of the actor.
        NoPendingAddress: none waits.
        InvalidInput: no reason.
    """
    uow.because(reason_line(reason))
    merchant = await uow.merchants.get_for_update(merchant_id)
    if merchant.owner_id != uow.actor.user and not uow.actor.may(Permission.MERCHANT_VERIFY):
        raise MerchantNotFound
    pending = _pending(uow, await uow.merchants.settlement_addresses(merchant.id))
    if pending is None:
        raise NoPendingAddress
    _cancel(uow, merchant, pending)
    text = f"{merchant.name} will not be paid at {_shown(pending.address)} ({pending.network}): this was cancelled."
    await send_notice(uow, gateways, user_id=merchant.owner_id, text=text)
    return pending


def _pending(uow: UnitOfWork, known: list[SettlementAddress]) -> SettlementAddress | None:
    return next((one for one in known if one.is_pending(uow.now)), None)


def _cancel(uow: UnitOfWork, merchant: Merchant, pending: SettlementAddress) -> None:
    pending.cancel(by=uow.actor.user_id, at=uow.now)
    uow.emit(pending.told(merchant, SettlementAddressState.CANCELLED))


def _require_quota(uow: UnitOfWork, known: list[SettlementAddress]) -> None:
    if sum(one.set_at > uow.now - DAY for one in known) >= SETS_PER_DAY:
        message = f"A merchant's address is set at most {SETS_PER_DAY} times a day."
        raise QuotaExceeded(message, retry_after_seconds=int(DAY.total_seconds()))


def _shown(address: str) -> str:
    return f"{address[:6]}…{address[-6:]}"
