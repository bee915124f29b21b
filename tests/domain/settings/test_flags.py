"""A feature is shown to a share of the people, always the same ones."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from domain.errors import InvalidInput
from domain.ids import UserId
from domain.settings.flags import FeatureFlag, checked_flag_key, checked_rollout

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PEOPLE = [UserId(UUID(int=number)) for number in range(2_000)]


def flag(key: str = "voucher_books", *, share: int, is_enabled: bool = True) -> FeatureFlag:
    return FeatureFlag(key=key, is_enabled=is_enabled, rollout_basis_points=share, updated_at=NOON)


def lucky(feature: FeatureFlag) -> set[UserId]:
    return {person for person in PEOPLE if feature.is_on_for(person)}


def test_the_share_is_kept() -> None:
    assert 450 <= len(lucky(flag(share=2_500))) <= 550
    assert lucky(flag(share=0)) == set()
    assert lucky(flag(share=10_000)) == set(PEOPLE)


def test_raising_the_share_keeps_everybody_who_has_it() -> None:
    few, more = lucky(flag(share=1_000)), lucky(flag(share=3_000))

    assert few < more
    assert lucky(flag(share=1_000)) == few


def test_every_flag_has_lucky_people_of_its_own() -> None:
    one, other = lucky(flag("one", share=1_000)), lucky(flag("other", share=1_000))

    assert len(one & other) < 60


def test_a_flag_that_is_off_is_off_for_all() -> None:
    assert lucky(flag(share=10_000, is_enabled=False)) == set()


def test_somebody_unknown_gets_only_what_all_get() -> None:
    assert not flag(share=9_999).is_on_for(None)
    assert flag(share=10_000).is_on_for(None)


@pytest.mark.parametrize("key", ["", "Books", "1st", "a-b", "a b", "x" * 61, "é"])
def test_a_key_that_is_no_name_is_refused(key: str) -> None:
    with pytest.raises(InvalidInput):
        checked_flag_key(key)


@pytest.mark.parametrize("share", [-1, 10_001])
def test_a_share_beyond_all_is_refused(share: int) -> None:
    with pytest.raises(InvalidInput):
        checked_rollout(share)
