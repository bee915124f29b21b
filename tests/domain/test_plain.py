"""What is stored as JSON comes back as it was."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from uuid import UUID

import pytest

from domain.ids import WalletId
from domain.money import Asset, Money
from domain.plain import from_plain, to_plain


class Colour(Enum):
    RED = "red"


class Tone(StrEnum):
    WARM = "warm"


@dataclass(frozen=True)
class Branch:
    name: str
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Everything:
    text: str
    count: int
    is_so: bool
    nothing: str | None
    some: int | None
    id: UUID
    wallet_id: WalletId
    price: Decimal
    money: Money
    asset: Asset
    colour: Colour
    tone: Tone
    at: datetime
    on: date
    tree: Branch
    names: list[str]
    texts: dict[str, str]
    derived: str = field(init=False, default="left out")


EVERYTHING = Everything(
    text="ŝanĝo",
    count=2**62,
    is_so=True,
    nothing=None,
    some=0,
    id=UUID(int=7),
    wallet_id=WalletId(UUID(int=8)),
    price=Decimal("12.50"),
    money=Money(-1_050, Asset.KES),
    asset=Asset.USDT,
    colour=Colour.RED,
    tone=Tone.WARM,
    at=datetime(2026, 11, 20, 12, 0, 0, 5, tzinfo=UTC),
    on=date(2026, 11, 20),
    tree=Branch("trunk", (Branch("twig"), Branch("bough", (Branch("leaf"),)))),
    names=["a", "b"],
    texts={"en": "Shoes"},
)


def test_every_kind_of_value_comes_back_as_it_was() -> None:
    plain = json.loads(json.dumps(to_plain(EVERYTHING)))

    assert from_plain(Everything, plain) == EVERYTHING


def test_the_stored_form_stays_what_it_is() -> None:
    assert to_plain(EVERYTHING) == {
        "text": "ŝanĝo",
        "count": 2**62,
        "is_so": True,
        "nothing": None,
        "some": 0,
        "id": "00000000-0000-0000-0000-000000000007",
        "wallet_id": "00000000-0000-0000-0000-000000000008",
        "price": "12.50",
        "money": {"amountMinor": -1_050, "asset": "KES"},
        "asset": "USDT",
        "colour": "red",
        "tone": "warm",
        "at": "2026-11-20T12:00:00.000005+00:00",
        "on": "2026-11-20",
        "tree": {
            "name": "trunk",
            "branches": [
                {"name": "twig", "branches": []},
                {"name": "bough", "branches": [{"name": "leaf", "branches": []}]},
            ],
        },
        "names": ["a", "b"],
        "texts": {"en": "Shoes"},
    }


def test_what_an_older_reader_does_not_know_is_passed_over() -> None:
    assert from_plain(Branch, {"name": "trunk", "height": 3}) == Branch("trunk")


def test_what_has_no_plain_form_is_a_fault_of_ours() -> None:
    with pytest.raises(AssertionError, match="has no plain form"):
        to_plain(object())
