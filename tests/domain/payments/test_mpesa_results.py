"""What M-Pesa's codes mean, and which amounts it takes."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.money import Asset, Money
from domain.payments.mobile_money import require_pushable
from domain.payments.mpesa_results import MEANINGS, failure_of, meaning_of
from domain.payments.state import PaymentState

OFFICIAL = ["0", "1", "2", "3", "4", "8", "17", "1019", "1025", "1032", "1037", "2001", "2028", "8006", "SFC_IC0003"]


def test_every_official_code_is_known_and_one_is_a_success() -> None:
    assert set(OFFICIAL) <= set(MEANINGS)
    assert [code for code, meaning in MEANINGS.items() if meaning.state is PaymentState.PAID] == ["0"]


@pytest.mark.parametrize(
    ("code", "state", "alerts"),
    [
        ("1032", PaymentState.CANCELLED, False),
        ("1037", PaymentState.EXPIRED, False),
        ("1019", PaymentState.EXPIRED, False),
        ("2001", PaymentState.FAILED, False),
        ("SFC_IC0003", PaymentState.FAILED, True),
        ("2028", PaymentState.FAILED, True),
        ("8", PaymentState.FAILED, True),
    ],
)
def test_a_code_ends_a_payment(code: str, state: PaymentState, alerts: bool) -> None:
    assert (meaning_of(code).state, meaning_of(code).alerts) == (state, alerts)


@pytest.mark.parametrize("code", ["4711", "00", "0.0", "+0", "", "SUCCESS"])
def test_an_unknown_code_is_a_failure_with_an_alarm(code: str) -> None:
    assert (meaning_of(code).state, meaning_of(code).alerts) == (PaymentState.FAILED, True)
    assert failure_of(code).startswith(f"UNCLASSIFIED:{code}: ")


@pytest.mark.parametrize(("minor", "shillings"), [(100, 1), (129_300, 1_293), (25_000_000, 250_000)])
def test_whole_shillings_are_pushed(minor: int, shillings: int) -> None:
    assert require_pushable(Money(minor, Asset.KES)) == shillings


@pytest.mark.parametrize(
    ("amount", "field"),
    [
        (Money(129_250, Asset.KES), "amount"),
        (Money(99, Asset.KES), "amount"),
        (Money(0, Asset.KES), "amount"),
        (Money(-100, Asset.KES), "amount"),
        (Money(25_000_100, Asset.KES), "amount"),
        (Money(100, Asset.USD), "asset"),
    ],
)
def test_everything_else_is_refused_and_nothing_rounded(amount: Money, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_pushable(amount)

    assert [fault.path for fault in refused.value.faults] == [("amount", field)]
