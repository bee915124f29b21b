"""Rate keeping: what was observed is recorded, and finance says otherwise for a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ids import IdKind, RateId, encode_id, new_id
from domain.money import Asset
from domain.settings.events import SettingsUpdated
from domain.text import reason_line
from domain.unit_of_work import UnitOfWork
from domain.wallets.errors import RateAlreadyOver
from domain.wallets.rates import FINANCE, ExchangeRate, checked_rate

# An unchanged rate is recorded again before it could grow stale by the shortest limit there is, and not each time.
RECORDED_AGAIN_AFTER: Final = timedelta(seconds=45)
VALID_SECONDS_MAX: Final = 30 * 86_400


async def record_rates(uow: UnitOfWork, observed: Mapping[Asset, Decimal], *, source: str) -> list[ExchangeRate]:
    """Keep what a source saw just now, as far as it is news. Run twice, nothing is kept twice."""
    last = {rate.asset: rate for rate in await uow.rates.latest(at=uow.now) if rate.source == source}
    news: list[ExchangeRate] = []
    for asset, per_usdt in observed.items():
        known = last.get(asset)
        if known and known.per_usdt == per_usdt and uow.now - known.observed_at < RECORDED_AGAIN_AFTER:
            continue
        rate = ExchangeRate(id=RateId(new_id()), asset=asset, per_usdt=per_usdt, source=source, observed_at=uow.now)
        await uow.rates.add(rate)
        news.append(rate)
    return news


async def set_rate(uow: UnitOfWork, *, asset: Asset, rate: str, valid_for_seconds: int, reason: str) -> ExchangeRate:
    """Finance says what one USDT is worth; it goes before what is observed until its time is over.

    Raises:
        InvalidInput: USDT itself, no rate, a time of nothing or of more than thirty days, or no reason.
    """
    if asset is Asset.USDT:
        raise InvalidInput(FieldFault(("asset",), "must be another than USDT, in which rates are told"))
    if not 0 < valid_for_seconds <= VALID_SECONDS_MAX:
        raise InvalidInput(FieldFault(("validForSeconds",), f"must be between 1 and {VALID_SECONDS_MAX}"))
    uow.because(reason_line(reason))
    made = ExchangeRate(
        id=RateId(new_id()),
        asset=asset,
        per_usdt=checked_rate(rate),
        source=FINANCE,
        observed_at=uow.now,
        valid_until=uow.now + timedelta(seconds=valid_for_seconds),
    )
    await uow.rates.add(made)
    _tell(uow, made)
    return made


async def withdraw_rate(uow: UnitOfWork, *, rate_id: RateId, reason: str) -> ExchangeRate:
    """Finance takes a rate of its own back; what is observed stands again. Quotes given by it stay as they were given.

    Raises:
        RateNotFound: finance set no such rate.
        RateAlreadyOver: its time is over.
        InvalidInput: no reason.
    """
    uow.because(reason_line(reason))
    rate = await uow.rates.get_set_for_update(rate_id)
    if rate.valid_until is None or rate.valid_until <= uow.now:
        raise RateAlreadyOver
    rate.valid_until = uow.now
    rate.version += 1
    _tell(uow, rate)
    return rate


def _tell(uow: UnitOfWork, rate: ExchangeRate) -> None:
    about = encode_id(IdKind.EXCHANGE_RATE, rate.id)
    uow.emit(SettingsUpdated(keys=("exchange_rates",), about=f"exchange_rates:{about}"))
