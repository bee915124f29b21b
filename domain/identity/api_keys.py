"""Keys are made by staff for a person, and end by staff's or the person's own will."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.faults import Faults
from domain.gateways import Sealer
from domain.identity.api_key import API_KEYS_MAX, LABEL_MAX, ApiKey, ApiKeyKind, checked_networks, secret_label
from domain.identity.api_key_errors import ApiKeyNotFound, NotAMerchant, TooManyApiKeys
from domain.identity.blocking import stated
from domain.identity.events import ApiKeyCreated
from domain.identity.roles import Permission, Role
from domain.ids import ApiKeyId, UserId, new_id
from domain.text import line
from domain.unit_of_work import UnitOfWork

SECRET_BYTES: Final = 32
SECRET_PREFIX: Final = "sk_"  # so that a scanner of source code knows one when it sees it


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key, and its secret for the one time that it is shown."""

    key: ApiKey
    secret: str

    def __repr__(self) -> str:
        return f"NewApiKey({self.key.id})"


async def create_api_key(
    uow: UnitOfWork, *, owner_id: UserId, kind: ApiKeyKind, label: str, networks: Sequence[str], sealer: Sealer
) -> NewApiKey:
    """Let a program act in a person's name.

    Raises:
        InvalidInput: the label or a network is faulty.
        UserNotFound: there is no such person.
        NotAMerchant: a merchant's key for somebody who is no merchant.
        TooManyApiKeys: the person has as many as one may.
    """
    faults = Faults()
    named, allowed = label, tuple(networks)
    with faults.kept():
        named = line(label, path=("label",), shortest=1, longest=LABEL_MAX)
    with faults.kept():
        allowed = checked_networks(networks, path=("networks",))
    faults.refuse_any()
    owner = await uow.users.get_for_update(owner_id)
    if kind is ApiKeyKind.MERCHANT and Role.MERCHANT not in owner.roles:
        raise NotAMerchant
    if await uow.api_keys.live_count(owner_id) >= API_KEYS_MAX:
        raise TooManyApiKeys
    key_id, secret = ApiKeyId(new_id()), SECRET_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    key = ApiKey(
        id=key_id,
        owner_id=owner_id,
        kind=kind,
        label=named,
        networks=allowed,
        sealed_secret=sealer.seal(secret, about=secret_label(key_id)),
        created_at=uow.now,
    )
    await uow.api_keys.add(key)
    uow.emit(ApiKeyCreated(api_key_id=key_id, owner_id=owner_id, kind=kind.value))
    return NewApiKey(key, secret)


async def revoke_api_key(uow: UnitOfWork, *, key_id: ApiKeyId, reason: str) -> ApiKey:
    """Make a key worthless at once: its requests are refused, its sockets and streams are closed.

    Raises:
        InvalidInput: no reason.
        ApiKeyNotFound: no such key, or somebody else's.
        ApiKeyAlreadyRevoked: it is so already.
    """
    uow.because(stated(reason))
    key = await uow.api_keys.get_for_update(key_id)
    if key.owner_id != uow.actor.user and not uow.actor.may(Permission.API_KEY_MANAGE):
        raise ApiKeyNotFound
    uow.emit(key.revoke(at=uow.now))
    return key
