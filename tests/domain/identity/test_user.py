"""What may change about a person, and what it does to their access."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import InvalidInput, VersionConflict
from domain.identity.address import Address, AddressKind
from domain.identity.errors import RoleAlreadyHeld, RoleNotHeld, RoleStays, UserAlreadyBlocked, UserNotBlocked
from domain.identity.roles import Role
from domain.identity.user import User, UserStatus
from domain.ids import IdKind, UserId, encode_id, new_id

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def person() -> User:
    user, _ = User.register(user_id=UserId(new_id()), address=Address(AddressKind.EMAIL, "amina@example.com"), at=NOON)
    return user


def test_somebody_new_is_a_customer_whose_name_shows_no_address() -> None:
    user, registered = User.register(
        user_id=UserId(new_id()), address=Address(AddressKind.PHONE, "+254712345678"), at=NOON
    )

    assert (user.phone, user.email, user.roles) == ("+254712345678", None, (Role.CUSTOMER,))
    assert user.display_name == f"Customer {encode_id(IdKind.USER, user.id)[-5:]}"
    assert registered.subject == encode_id(IdKind.USER, user.id)


def test_a_block_with_an_end_ends_by_itself() -> None:
    user = person()

    blocked = user.block(reason="Spam.", until=NOON + HOUR, at=NOON)

    assert (blocked.until, blocked.generation) == (NOON + HOUR, 1)
    assert user.is_blocked(NOON + HOUR - timedelta(microseconds=1))
    assert not user.is_blocked(NOON + HOUR)


def test_a_block_without_an_end_does_not_end() -> None:
    user = person()
    user.block(reason="Fraud.", until=None, at=NOON)

    assert user.is_blocked(NOON + 100_000 * HOUR)


@pytest.mark.parametrize("until", [NOON, NOON - HOUR])
def test_a_block_that_is_over_already_is_refused(until: datetime) -> None:
    user = person()

    with pytest.raises(InvalidInput):
        user.block(reason="Spam.", until=until, at=NOON)

    assert (user.status, user.access_generation) == (UserStatus.ACTIVE, 0)


def test_a_second_moderator_is_told_that_the_person_is_blocked() -> None:
    user = person()
    user.block(reason="Spam.", until=None, at=NOON)

    with pytest.raises(UserAlreadyBlocked):
        user.block(reason="Fraud.", until=None, at=NOON)

    assert user.blocked_reason == "Spam."


def test_a_person_whose_block_lapsed_can_be_blocked_but_not_unblocked() -> None:
    user = person()
    user.block(reason="Spam.", until=NOON + HOUR, at=NOON)

    with pytest.raises(UserNotBlocked):
        user.unblock(reason="Sorry.", at=NOON + HOUR)
    again = user.block(reason="Again.", until=None, at=NOON + HOUR)

    assert again.generation == 2


def test_an_unblocking_forgets_the_block() -> None:
    user = person()
    user.block(reason="Spam.", until=None, at=NOON)

    unblocked = user.unblock(reason="Sorry.", at=NOON)

    assert (user.status, user.blocked_reason, user.blocked_until) == (UserStatus.ACTIVE, None, None)
    assert unblocked.generation == 2


def test_every_change_of_roles_is_a_new_generation() -> None:
    user = person()

    granted = user.grant(Role.SUPPORT, at=NOON + HOUR)
    revoked = user.revoke(Role.SUPPORT, at=NOON + 2 * HOUR)

    assert (granted.generation, revoked.generation) == (1, 2)
    assert (user.roles, user.access_changed_at) == ((Role.CUSTOMER,), NOON + 2 * HOUR)


def test_roles_that_are_held_or_not_or_stay_are_refused() -> None:
    user = person()

    with pytest.raises(RoleAlreadyHeld):
        user.grant(Role.CUSTOMER, at=NOON)
    with pytest.raises(RoleNotHeld):
        user.revoke(Role.ADMIN, at=NOON)
    with pytest.raises(RoleStays):
        user.revoke(Role.CUSTOMER, at=NOON)

    assert (user.roles, user.access_generation) == ((Role.CUSTOMER,), 0)


def test_a_change_of_what_was_not_seen_is_refused() -> None:
    user = person()
    user.version = 3

    user.require_version(None)
    user.require_version(3)
    with pytest.raises(VersionConflict) as refused:
        user.require_version(2)

    assert refused.value.current_version == 3
