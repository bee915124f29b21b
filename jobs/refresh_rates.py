"""What assets are worth is observed every minute and recorded where it is news."""

from __future__ import annotations

import structlog

from domain.errors import GatewayFault
from domain.wallets.rate_keeping import record_rates
from jobs.parts import Parts

_log = structlog.get_logger("sokoni.jobs")


async def refresh_rates(parts: Parts) -> None:
    """Ask the source, then record. A source that does not answer leaves the rates to grow stale, which stops
    conversions by them and nothing else.
    """
    if parts.rate_source is None:
        return
    try:
        observed = await parts.rate_source.observe()
    except GatewayFault as fault:
        _log.warning("rates_not_observed", provider=fault.provider, provider_code=fault.provider_code)
        return
    async with parts.unit_of_work("job.refresh_rates") as uow:
        await record_rates(uow, observed, source=parts.rate_source.name)
