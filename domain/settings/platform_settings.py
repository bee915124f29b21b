"""The settings there are: each has a type, bounds, a default, and says who may read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.money import BASIS_POINTS_WHOLE, MINOR_MAX
from domain.settings.errors import SettingNotFound
from domain.text import line

VALUE_LENGTH_MAX: Final = 2_000

SettingValue = int | bool | str


class SettingKind(StrEnum):
    """What values a setting takes."""

    INTEGER = "INTEGER"
    """A whole number within bounds."""
    BOOLEAN = "BOOLEAN"
    """true or false."""
    TEXT = "TEXT"
    """One line of text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingDefinition:
    """One setting: `smallest` and `largest` bound a whole number, or the length of a text, which may have to follow a
    pattern.
    """

    key: str
    kind: SettingKind
    default: SettingValue
    description: str
    is_public: bool = False
    smallest: int = 0
    largest: int = MINOR_MAX
    pattern: str = ""

    def parse(self, text: str) -> SettingValue:
        """Read a value written as JSON, exactly: no rounding, no guessing of types.

        Raises:
            InvalidInput: not JSON, of another type, or out of bounds.
        """
        if len(text) > VALUE_LENGTH_MAX:
            raise _faulty(f"must have at most {VALUE_LENGTH_MAX} characters")
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise _faulty("must be written as JSON") from None
        match self.kind, value:
            case SettingKind.BOOLEAN, bool():
                return value
            case SettingKind.INTEGER, int() if not isinstance(value, bool):
                return self._bounded(value)
            case SettingKind.TEXT, str():
                return self._patterned(line(value, path=("value",), shortest=self.smallest, longest=self.largest))
        raise _faulty(f"must be of the type {self.kind}")

    def _patterned(self, value: str) -> str:
        if self.pattern and not re.fullmatch(self.pattern, value, re.ASCII):
            raise _faulty(f"must have the form {self.pattern}")
        return value

    def _bounded(self, value: int) -> int:
        if not self.smallest <= value <= self.largest:
            raise _faulty(f"must be between {self.smallest} and {self.largest}")
        return value


def _faulty(message: str) -> InvalidInput:
    return InvalidInput(FieldFault(("value",), message))


def _by_key(definitions: Iterable[SettingDefinition]) -> Mapping[str, SettingDefinition]:
    return MappingProxyType({definition.key: definition for definition in definitions})


SETTINGS: Final = _by_key(
    (
        SettingDefinition(
            key="announcement",
            kind=SettingKind.TEXT,
            default="",
            description="One line that apps show on their first screen; empty shows nothing.",
            is_public=True,
            largest=280,
        ),
        *(
            SettingDefinition(
                key=f"bank_account_{code}",
                kind=SettingKind.TEXT,
                default="",
                description=f"Where people transfer {code.upper()} to: bank, account and holder; empty takes none.",
                largest=200,
            )
            for code in ("eur", "inr", "kes", "usd")
        ),
        SettingDefinition(
            key="callback_bodies_kept_days",
            kind=SettingKind.INTEGER,
            default=90,
            description="How many days what providers called back is kept as it came, once it was taken in.",
            smallest=30,
            largest=3_650,
        ),
        SettingDefinition(
            key="conversion_fee_basis_points",
            kind=SettingKind.INTEGER,
            default=100,
            description="The market's share of a conversion, in hundredths of a percent of its value in USDT.",
            is_public=True,
            largest=BASIS_POINTS_WHOLE // 2,
        ),
        SettingDefinition(
            key="mpesa_confirm_above_kes_minor",
            kind=SettingKind.INTEGER,
            default=1_000_000,
            description="Above which amount M-Pesa is asked before its callback is believed, in cents of a shilling.",
        ),
        SettingDefinition(
            key="order_fee_basis_points",
            kind=SettingKind.INTEGER,
            default=500,
            description="The market's share of an order, in hundredths of a percent, unless the merchant has its own.",
            is_public=True,
            largest=BASIS_POINTS_WHOLE,
        ),
        *(
            SettingDefinition(
                key=f"payout_account_{code}",
                kind=SettingKind.TEXT,
                default="",
                description=f"From which account payouts in {code.upper()} leave by bank: BIC, number and holder.",
                largest=120,
            )
            for code in ("eur", "inr", "kes", "usd")
        ),
        SettingDefinition(
            key="payout_day_limit_basic_usdt_minor",
            kind=SettingKind.INTEGER,
            default=5_000_000_000,
            description="What a day's payouts of a person of the tier BASIC may be worth, in millionths of a USDT.",
        ),
        SettingDefinition(
            key="payout_day_limit_full_usdt_minor",
            kind=SettingKind.INTEGER,
            default=50_000_000_000,
            description="What a day's payouts of a person of the tier FULL may be worth, in millionths of a USDT.",
        ),
        SettingDefinition(
            key="payout_day_limit_usdt_minor",
            kind=SettingKind.INTEGER,
            default=1_000_000_000,
            description="What one person's payouts of a day may be worth together, in millionths of a USDT.",
        ),
        SettingDefinition(
            key="payout_two_persons_from_usdt_minor",
            kind=SettingKind.INTEGER,
            default=500_000_000,
            description="From which value on two different persons approve a payout, in millionths of a USDT.",
        ),
        SettingDefinition(
            key="rate_stale_after_seconds",
            kind=SettingKind.INTEGER,
            default=900,
            description="How old an observed exchange rate may be before nothing is converted by it.",
            smallest=60,
            largest=86_400,
        ),
        SettingDefinition(
            key="support_email",
            kind=SettingKind.TEXT,
            default="help@sokoni.example",
            description="Where people write for help.",
            is_public=True,
            smallest=3,
            largest=254,
        ),
        SettingDefinition(
            key="transfers_open",
            kind=SettingKind.BOOLEAN,
            default=True,
            description="Whether apps offer transfers from person to person.",
            is_public=True,
        ),
        SettingDefinition(
            key="ussd_service_code",
            kind=SettingKind.TEXT,
            default="",
            description="What phones without network dial to reach the market, such as *384*96#; empty is no service.",
            is_public=True,
            largest=24,
            pattern=r"(\*\d{2,4}(\*\d{1,6}){0,3}#)?",
        ),
        SettingDefinition(
            key="utc_offset_minutes",
            kind=SettingKind.INTEGER,
            default=180,
            description="How far the market's own day is ahead of UTC, in minutes; East Africa is 180.",
            is_public=True,
            smallest=-720,
            largest=840,
        ),
    )
)


def definition_of(key: str) -> SettingDefinition:
    """The setting of this key.

    Raises:
        SettingNotFound: there is none.
    """
    try:
        return SETTINGS[key]
    except KeyError:
        raise SettingNotFound from None


@dataclass(eq=False, kw_only=True)
class PlatformSetting:
    """A setting's present value; version 0 is the default that nobody changed yet."""

    key: str
    value: SettingValue
    version: int = 0
    updated_at: datetime | None = None

    @property
    def definition(self) -> SettingDefinition:
        """Its type, bounds and description."""
        return definition_of(self.key)

    @property
    def value_json(self) -> str:
        """The value as clients read and write it."""
        return json.dumps(self.value, ensure_ascii=False)
