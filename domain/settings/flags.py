"""Feature flags: something new is shown to a share of the people, always the same ones."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ids import UserId
from domain.money import BASIS_POINTS_WHOLE

FLAGS_MAX: Final = 200
KEY_MAX: Final = 60
FLAG_DESCRIPTION_MAX: Final = 280

_KEY: Final = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


@dataclass(eq=False, kw_only=True)
class FeatureFlag:
    """A switch with a dimmer: off for all, or on for `rollout_basis_points` of the people."""

    key: str
    description: str = ""
    is_enabled: bool = False
    rollout_basis_points: int = BASIS_POINTS_WHOLE
    version: int = 0
    updated_at: datetime

    def is_on_for(self, user_id: UserId | None) -> bool:
        """Whether this person gets it. Raising the share keeps everybody who has it; somebody unknown needs all."""
        if not self.is_enabled:
            return False
        if user_id is None:
            return self.rollout_basis_points == BASIS_POINTS_WHOLE
        return _place(self.key, user_id) < self.rollout_basis_points


def checked_flag_key(key: str) -> str:
    """A flag's name.

    Raises:
        InvalidInput: not in snake_case, or too long.
    """
    if len(key) > KEY_MAX or not _KEY.fullmatch(key):
        raise InvalidInput(FieldFault(("key",), f"must be in snake_case, of at most {KEY_MAX} characters"))
    return key


def checked_rollout(basis_points: int) -> int:
    """The share of people.

    Raises:
        InvalidInput: below nobody or above everybody.
    """
    if not 0 <= basis_points <= BASIS_POINTS_WHOLE:
        raise InvalidInput(FieldFault(("rolloutBasisPoints",), f"must be between 0 and {BASIS_POINTS_WHOLE}"))
    return basis_points


def _place(key: str, user_id: UserId) -> int:
    """Where a person stands in the queue for this flag; every flag has a queue of its own."""
    digest = hashlib.sha256(key.encode() + b":" + user_id.bytes).digest()
    return int.from_bytes(digest[:8], "big") % BASIS_POINTS_WHOLE
