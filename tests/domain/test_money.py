"""Amounts as people write them."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.money import MINOR_MAX, Asset, Money


@pytest.mark.parametrize(
    ("text", "asset", "minor"),
    [
        ("12.50", Asset.KES, 1_250),
        ("12.500000000000000000", Asset.KES, 1_250),
        ("-0.000001", Asset.USDT, -1),
        ("9223372036854775807", Asset.POINTS, MINOR_MAX),
        ("92233720368547758.07", Asset.KES, MINOR_MAX),
        ("00000000000000000007", Asset.POINTS, 7),
        ("-0", Asset.POINTS, 0),
    ],
)
def test_an_amount_is_read_exactly(text: str, asset: Asset, minor: int) -> None:
    assert Money.parse(text, asset) == Money(minor, asset)


@pytest.mark.parametrize(
    ("text", "asset"),
    [
        ("0.001", Asset.KES),
        ("0.5", Asset.POINTS),
        # More significant digits than a decimal context keeps by default.
        ("10000000000.000000000000000001", Asset.POINTS),
        ("100000000000.010000000000000001", Asset.KES),
        ("1000000000000.000000999999999999", Asset.USDT),
        ("9223372036854775808", Asset.POINTS),
        ("99999999999999999999.000000000000000001", Asset.USDT),
        ("1e3", Asset.KES),
        ("١", Asset.KES),
        ("1.", Asset.KES),
        (".5", Asset.KES),
        (" 1", Asset.KES),
        ("1\n", Asset.KES),
    ],
)
def test_an_amount_is_refused_and_never_rounded(text: str, asset: Asset) -> None:
    with pytest.raises(InvalidInput):
        Money.parse(text, asset)
