"""Requesting: a person asks for money of theirs, which is set aside until it is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import Final

from domain.errors import FieldFault, InvalidInput, QuotaExceeded
from domain.gateways import Gateways, Sealer
from domain.identity.second_factor import require_second_factor
from domain.ids import PayoutId, UserId, new_id
from domain.kyc.tier import KycTier
from domain.ledger.codes import TransferCode
from domain.ledger.holds import hold
from domain.ledger.transfer import require_movable
from domain.money import Asset, Money
from domain.payouts.bank_account import bank_account_of
from domain.payouts.errors import PayoutLimitExceeded, PayoutRailUnavailable
from domain.payouts.payout import Payout
from domain.payouts.phone_amount import require_payable_by_phone
from domain.payouts.phone_destination import own_phone
from domain.payouts.postings import wallet_of
from domain.payouts.state import PayoutRail
from domain.text import line
from domain.unit_of_work import UnitOfWork
from domain.wallets.current_price import valued_now

DAY: Final = timedelta(days=1)
# A payout holds until it is decided, and one whose fate is unknown must never be available again by mere time.
HELD_FOR: Final = timedelta(days=3_650)
# What one person's payouts of a day may be worth together, by how well the market knows them.
TIER_SETTINGS: Final = {
    KycTier.BASIC: "payout_day_limit_basic_usdt_minor",
    KycTier.FULL: "payout_day_limit_full_usdt_minor",
}
DESTINATION_MIN: Final = 4
DESTINATION_MAX: Final = 200
_SHOWN: Final = 4
PAID_OUT: Final = (Asset.KES, Asset.INR, Asset.USD, Asset.EUR)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutTerms:
    """What is let out of the market, by its value in USDT, and by which rails; of people who are known better, more."""

    day_limit: Money
    two_persons_from: Money
    stale_after: timedelta
    rails: frozenset[PayoutRail]
    tier_limits: Mapping[KycTier, Money] = field(default_factory=dict)

    def limit_of(self, tier: KycTier) -> Money:
        """What the payouts of a day may be worth together."""
        return self.tier_limits.get(tier, self.day_limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to leave, whose it is, and where to; `is_by_rule`: nobody asked for it just now."""

    owner_id: UserId
    amount: Money
    rail: PayoutRail
    destination: str
    is_by_rule: bool

    def __repr__(self) -> str:
        return f"Wanted({self.amount}, {self.rail})"


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
    wanted = Wanted(owner_id=uow.actor.user_id, amount=amount, rail=rail, destination=where, is_by_rule=False)
    return await set_aside(uow, gateways.sealer, wanted, terms=terms)


async def set_aside(uow: UnitOfWork, sealer: Sealer, wanted: Wanted, *, terms: PayoutTerms) -> Payout:
    """Hold what is to leave. What a rule asks for and one person might approve leaves by itself, and is none of the
    three a day; the day's limit is for both together.

    Raises:
        QuotaExceeded: three payouts were asked for within a day.
        RateUnavailable: nobody said lately what the asset is worth.
        PayoutLimitExceeded: the payouts of a day would be worth too much.
        InsufficientFunds: less is available.
    """
    value = (await valued_now(uow, wanted.amount, stale_after=terms.stale_after)).value
    await _require_within_limits(uow, wanted, value, terms)
    payout_id = PayoutId(new_id())
    where = wanted.destination
    payout = Payout(
        id=payout_id,
        owner_id=wanted.owner_id,
        amount=wanted.amount,
        value_minor=value.minor,
        rail=wanted.rail,
        sealed_destination=sealer.seal(where, about=f"payout destination {payout_id}"),
        destination_hint=f"…{where[-_SHOWN:]}" if len(where) > 2 * _SHOWN else "…",
        needs_two_persons=value.minor >= terms.two_persons_from.minor,
        is_by_rule=wanted.is_by_rule,
        requested_at=uow.now,
        updated_at=uow.now,
    )
    await hold(
        uow,
        reference=payout.hold_reference,
        account=wallet_of(payout),
        amount=wanted.amount,
        code=TransferCode.PAYOUT,
        expires_at=uow.now + HELD_FOR,
    )
    await uow.payouts.add(payout)
    uow.emit(payout.told)
    if payout.is_by_rule and not payout.needs_two_persons:
        uow.emit(payout.let_leave(at=uow.now))
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


async def _require_within_limits(uow: UnitOfWork, wanted: Wanted, value: Money, terms: PayoutTerms) -> None:
    recent = await uow.payouts.requested_since(wanted.owner_id, since=uow.now - DAY)
    allowed = uow.quotas.payout_requests_per_day
    asked = sorted(payout.requested_at for payout in recent if not payout.is_by_rule)
    if allowed is not None and not wanted.is_by_rule and len(asked) >= allowed:
        free_at = asked[-allowed] + DAY
        raise QuotaExceeded(
            f"A person asks for at most {allowed} payouts a day.",
            retry_after_seconds=ceil((free_at - uow.now).total_seconds()),
        )
    limit = terms.limit_of(await uow.kyc_standings.tier_of(wanted.owner_id))
    left = limit.minor - sum(payout.value_minor for payout in recent)
    if value.minor > left:
        raise PayoutLimitExceeded(limit=limit, left=Money(max(left, 0), limit.asset))
    if not value.is_positive:
        raise InvalidInput(FieldFault(("amount", "amount"), "is worth nothing at present"))
