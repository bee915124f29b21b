"""Which key signs access tokens. The keys themselves are made and sealed elsewhere; here one takes another's place."""

from __future__ import annotations

from domain.identity.signing_key import SigningKey
from domain.unit_of_work import UnitOfWork


async def rotate_signing_key(uow: UnitOfWork, *, successor: SigningKey) -> SigningKey:
    """Let another key sign from now on; the one before verifies until its last token has expired."""
    present = await uow.signing_keys.find_signing()
    if present is not None:
        present.retire(at=uow.now)
    await uow.signing_keys.add(successor)
    return successor


async def found_signing_key(uow: UnitOfWork, *, candidate: SigningKey) -> SigningKey:
    """Let the candidate sign unless a key does already; processes that start together agree on one."""
    present = await uow.signing_keys.find_signing()
    if present is not None:
        return present
    await uow.signing_keys.add(candidate)
    return candidate
