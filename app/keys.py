"""The keys that sign access tokens: one is made at the first start, another takes its place when asked."""

from __future__ import annotations

from app.config import Settings
from app.wiring import Wiring, wired
from domain.identity.actor import Actor
from domain.identity.key_rotation import found_signing_key, rotate_signing_key
from domain.identity.signing_key import SigningKey
from integrations.jwt.key_pair import new_signing_key


async def found_key(wiring: Wiring) -> None:
    """Make sure that a key signs; processes that start together agree on one."""
    async with wiring.unit_of_work(Actor.system(), operation="signingKeyFound", request_id="start") as uow:
        await found_signing_key(uow, candidate=_new(wiring))


async def rotate(settings: Settings) -> str:
    """Sign with a new key from now on; its id. The one before verifies until its last token has expired."""
    async with wired(settings, application_name="sokoni keys") as wiring:
        async with wiring.unit_of_work(Actor.system(), operation="signingKeyRotate", request_id="command") as uow:
            successor = await rotate_signing_key(uow, successor=_new(wiring))
        return successor.kid


def _new(wiring: Wiring) -> SigningKey:
    return new_signing_key(wiring.gateways.sealer, at=wiring.clock.now())
