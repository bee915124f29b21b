"""Numbers in one spelling."""

from __future__ import annotations

import pytest

from integrations.phone_numbers.plans import NumberingPlans


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+254712345678", "+254712345678"),
        ("+254 (0)712 345 678", "+254712345678"),
        ("+254-712-345-678", "+254712345678"),
        ("+91 98765 43210", "+919876543210"),
        ("+12125550123", "+12125550123"),
        ("\uff0b254712345678", "+254712345678"),
    ],
)
def test_spellings_of_a_number_are_one_number(typed: str, number: str) -> None:
    assert NumberingPlans().normalized(typed) == number


@pytest.mark.parametrize(
    "text", ["", "0712345678", "+254", "+25471234567", "+999712345678", "+254712345678 ext. 9", "call me", "\ud800"]
)
def test_what_no_plan_knows_is_no_number(text: str) -> None:
    assert NumberingPlans().normalized(text) is None


def test_with_a_region_a_number_may_be_national() -> None:
    kenyan = NumberingPlans(region="KE")

    assert kenyan.normalized("0712 345 678") == "+254712345678"
    assert kenyan.normalized("+919876543210") == "+919876543210"
