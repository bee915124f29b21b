"""Keys: where they may be used from, and that they end once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.errors import InvalidInput
from domain.identity.actor import Actor
from domain.identity.api_key import ActingKey, ApiKey, ApiKeyKind, checked_networks, is_within
from domain.identity.api_key_errors import ApiKeyAlreadyRevoked, SessionNeeded
from domain.identity.events import ApiKeyRevoked
from domain.identity.roles import Permission, Role
from domain.ids import ApiKeyId, IdKind, UserId, encode_id, new_id

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PATH = ("networks",)


def test_networks_are_kept_in_one_spelling_each_once() -> None:
    kept = checked_networks(["203.0.113.0/24", " 203.0.113.0/24 ", "198.51.100.7", "2001:DB8::/48"], path=PATH)

    assert kept == ("203.0.113.0/24", "198.51.100.7/32", "2001:db8::/48")


@pytest.mark.parametrize(
    "networks", [["203.0.113.7/24"], ["office"], [""], ["203.0.113.0/33"], [f"10.0.{n}.0/24" for n in range(21)]]
)
def test_what_is_no_list_of_networks_is_refused(networks: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_networks(networks, path=PATH)

    assert refused.value.faults[0].path == PATH


@pytest.mark.parametrize(
    ("address", "networks", "is_inside"),
    [
        ("203.0.113.7", (), True),
        ("203.0.113.7", ("203.0.113.0/24",), True),
        ("::ffff:203.0.113.7", ("203.0.113.0/24",), True),
        ("203.0.114.7", ("203.0.113.0/24",), False),
        ("203.0.114.7", ("203.0.113.0/24", "203.0.114.7/32"), True),
        ("2001:db8::1", ("2001:db8::/48",), True),
        ("2001:db8::1", ("203.0.113.0/24",), False),
        ("", ("203.0.113.0/24",), False),
        ("testclient", ("0.0.0.0/0",), False),
    ],
)
def test_an_address_is_within_the_networks_or_not(address: str, networks: tuple[str, ...], is_inside: bool) -> None:
    assert is_within(address, networks) is is_inside


def test_a_key_ends_once() -> None:
    key = ApiKey(
        id=ApiKeyId(new_id()),
        owner_id=UserId(new_id()),
        kind=ApiKeyKind.MERCHANT,
        label="Till",
        networks=(),
        sealed_secret=b"",
        created_at=NOON,
    )

    told = key.revoke(at=NOON)

    assert told == ApiKeyRevoked(api_key_id=key.id, owner_id=key.owner_id)
    assert key.revoked_at == NOON
    with pytest.raises(ApiKeyAlreadyRevoked):
        key.revoke(at=NOON)


def test_a_program_acts_in_its_owners_name_without_what_staff_may_do() -> None:
    key, owner = ActingKey(ApiKeyId(new_id()), ApiKeyKind.DEVELOPER), UserId(new_id())

    actor = Actor.by_key(key, owner, frozenset({Role.CUSTOMER, Role.MERCHANT, Role.ADMIN}))

    assert actor.roles == {Role.CUSTOMER, Role.MERCHANT}
    assert not any(actor.may(permission) for permission in Permission)
    assert (actor.is_signed_in, actor.is_in_session, actor.user_id) == (True, False, owner)
    assert (actor.label, actor.signature) == (encode_id(IdKind.USER, owner), encode_id(IdKind.API_KEY, key.id))
    with pytest.raises(SessionNeeded):
        _ = actor.session_id
