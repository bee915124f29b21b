"""Bank files are stored, as they were made."""

from __future__ import annotations

from typing import Final

import structlog

from domain.errors import GatewayFault
from domain.payouts.bank_file import ClaimedBankFile, key_of
from domain.payouts.exporting import sealed_about
from jobs.parts import Parts

BATCH: Final = 5
LEASE_SECONDS: Final = 120
OPERATION: Final = "job.store_bank_files"

_log = structlog.get_logger("sokoni.jobs")


async def store_bank_files(parts: Parts) -> None:
    """Store what was exported. Done twice, or again after a crash, the same bytes are put in the same place."""
    claimed = BATCH
    while claimed == BATCH:
        async with parts.unit_of_work(OPERATION) as uow:
            waiting = await uow.bank_files.claim_waiting(limit=BATCH, lease_seconds=LEASE_SECONDS)
        for file in waiting:
            is_stored = await _is_stored(parts, file)
            async with parts.unit_of_work(OPERATION) as uow:
                await (uow.bank_files.note_stored(file) if is_stored else uow.bank_files.note_failed(file))
        claimed = len(waiting)


async def _is_stored(parts: Parts, file: ClaimedBankFile) -> bool:
    content = parts.sealer.unseal(file.sealed_content, about=sealed_about(file.id))
    try:
        await parts.storage.put(key_of(file.id), content.encode(), content_type=file.format.content_type)
    except GatewayFault as fault:
        _log.warning("bank_file_not_stored", file=str(file.id), attempt=file.attempt, provider=fault.provider)
        return False
    return True
