"""Requesting: a person asks for money of theirs, which is set aside until it is decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final

from domain.errors import FieldFault, InvalidInput, QuotaExceeded
from domain.gateways import Gateways
from domain.identity.second_factor import require_second_factor
from domain.ids import PayoutId, new_id
from domain.ledger.codes import TransferCode
from domain.ledger.holds import hold
from domain.ledger.transfer import require_movable
from domain.money import Asset, Money
from domain.payouts.bank_account import bank_account_of
from domain.payouts.errors import PayoutLimitExceeded, PayoutRailUnavailable
from domain.payouts.payout import Payout
from domain.payouts.phone_destination import own_phone, require_payable_by_phone
from domain.payouts.postings import wallet_of
from domain.payouts.state import PayoutRail
from domain.text import line
from domain.unit_of_work import UnitOfWork
from domain.wallets.current_price import valued_now

DAY: Final = timedelta(days=1)
# A payout holds until it is decided, and one whose fate is unknown must never be available again by mere time.
HELD_FOR: Final = timedelta(days=3_650)
DESTINATION_MIN: Final = 4
DESTINATION_MAX: Final = 200
_SHOWN: Final = 4
PAID_OUT: Final = (Asset.KES, Asset.INR, Asset.USD, Asset.EUR)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutTerms:
    """What is let out of the market, by its value in USDT, and by which rails."""

    day_limit: Money
    two_persons_from: Money
    stale_after: timedelta
    rails: frozenset[PayoutRail]


async def request_payout(
    uow: UnitOfWork, gateways: Gateways, *, amount: Money, rail: PayoutRail, destination: str | None, terms: PayoutTerms
) -> Payout:
    """Set money of the actor's aside, to be paid to their account elsewhere once finance approves.

    Raises:
        SecondFactorNeeded: the session did not show its PIN within five minutes.
        InvalidInput: no positive amount, no destination, or none that the rail pays to.
        PayoutRailUnavailable: the rail is not open for this asset.
        QuotaExceeded: three payouts were asked for within a day.
        RateUnavailable: nobody said lately what the asset is worth.
        PayoutLimitExceeded: the payouts of a day would be worth too much.
        InsufficientFunds: less is available.
    """
    await require_second_factor(uow)
    require_movable(amount, path=("amount", "amount"))
    if rail not in terms.rails or amount.asset not in PAID_OUT:
        raise PayoutRailUnavailable
    where = await _where_to(uow, gateways, rail, amount, destination)
    value = (await valued_now(uow, amount, stale_after=terms.stale_after)).value
    await _require_within_limits(uow, value, terms)
    payout_id = PayoutId(new_id())
    payout = Payout(
        id=payout_id,
        owner_id=uow.actor.user_id,
        amount=amount,
        value_minor=value.minor,
        rail=rail,
        sealed_destination=gateways.sealer.seal(where, about=f"payout destination {payout_id}"),
        destination_hint=f"…{where[-_SHOWN:]}" if len(where) > 2 * _SHOWN else "…",
        needs_two_persons=value.minor >= terms.two_persons_from.minor,
        requested_at=uow.now,
        updated_at=uow.now,
    )
    await hold(
        uow,
        reference=payout.hold_reference,
        account=wallet_of(payout),
        amount=amount,
        code=TransferCode.PAYOUT,
        expires_at=uow.now + HELD_FOR,
    )
    await uow.payouts.add(payout)
    uow.emit(payout.told)
    return payout


async def _where_to(
    uow: UnitOfWork, gateways: Gateways, rail: PayoutRail, amount: Money, destination: str | None
) -> str:
    if rail is PayoutRail.MPESA:
        require_payable_by_phone(amount)
        return await own_phone(uow, gateways, destination=destination)
    if destination is None:
        raise InvalidInput(FieldFault(("destination",), "says where it goes to"))
    where = line(destination, path=("destination",), shortest=DESTINATION_MIN, longest=DESTINATION_MAX)
    return bank_account_of(where, path=("destination",)).text if rail is PayoutRail.BANK_TRANSFER else where


async def _require_within_limits(uow: UnitOfWork, value: Money, terms: PayoutTerms) -> None:
    recent = await uow.payouts.requested_since(uow.actor.user_id, since=uow.now - DAY)
    allowed = uow.quotas.payout_requests_per_day
    if allowed is not None and len(recent) >= allowed:
        free_at = sorted(payout.requested_at for payout in recent)[-allowed] + DAY
        raise QuotaExceeded(
            f"A person asks for at most {allowed} payouts a day.",
            retry_after_seconds=ceil((free_at - uow.now).total_seconds()),
        )
    if value.minor + sum(payout.value_minor for payout in recent) > terms.day_limit.minor:
        raise PayoutLimitExceeded
    if not value.is_positive:
        raise InvalidInput(FieldFault(("amount", "amount"), "is worth nothing at present"))
