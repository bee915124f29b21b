"""API keys and requests that they signed."""

from __future__ import annotations

from collections.abc import Sequence

from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.api_key import ApiKeyKind
from domain.identity.api_keys import NewApiKey, create_api_key
from domain.identity.signed_request import SignedRequest
from domain.ids import ApiKeyId, IdKind, encode_id
from tests.commands import Commands


async def make_api_key(
    commands: Commands,
    gateways: Gateways,
    owner: Actor,
    *,
    kind: ApiKeyKind = ApiKeyKind.DEVELOPER,
    networks: Sequence[str] = (),
) -> NewApiKey:
    """A key of this person."""
    async with commands.by_system() as uow:
        return await create_api_key(
            uow, owner_id=owner.user_id, kind=kind, label="Till", networks=networks, sealer=gateways.sealer
        )


def signed(key_id: ApiKeyId | str, secret: str, request: SignedRequest) -> str:
    """The `Authorization` value of a request."""
    key = key_id if isinstance(key_id, str) else encode_id(IdKind.API_KEY, key_id)
    return f"Sokoni-HMAC-SHA256 key={key},timestamp={request.timestamp_ms},signature={request.signature(secret)}"
