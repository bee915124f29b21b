"""What an amount comes to in another asset: by way of USDT, the fee once, no gain by rounding."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.ids import UserId, new_id
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.transfer import MOVE_MINOR_MAX
from domain.money import Asset, BasisPoints, Money
from domain.wallets.postings import converted
from domain.wallets.pricing import Price, priced
from integrations.sandbox.rates import RATES

ONE_PERCENT = BasisPoints(100)
AMINA = UserId(new_id())
FREE = BasisPoints(0)


def price(
    amount: Money, into: Asset, *, fee: BasisPoints = ONE_PERCENT, per_usdt: Mapping[Asset, Decimal] = RATES
) -> Price:
    return priced(amount, into=into, per_usdt=per_usdt, fee=fee)


@pytest.mark.parametrize(
    ("amount", "into", "value", "fee", "result"),
    [
        (Money(10_000_000, Asset.USDT), Asset.KES, 10_000_000, 100_000, 127_957),  # 9.9 × 129.25 = 1 279.575
        (Money(129_250, Asset.KES), Asset.USDT, 10_000_000, 100_000, 9_900_000),
        (Money(1_000, Asset.POINTS), Asset.USDT, 10_000_000, 100_000, 9_900_000),
        (Money(1_000_000, Asset.USDT), Asset.POINTS, 1_000_000, 10_000, 99),
        (Money(1, Asset.KES), Asset.USDT, 77, 1, 76),  # 0.01 / 129.25 = 0.00007736…
        (Money(10_000, Asset.KES), Asset.INR, 773_694, 7_737, 6_472),  # 0.765957 × 84.5 = 64.7233…
        (Money(500, Asset.POINTS), Asset.EUR, 5_000_000, 50_000, 455),  # 4.95 × 0.92 = 4.554
    ],
)
def test_the_value_is_rounded_down_the_fee_up_and_the_result_down(
    amount: Money, into: Asset, value: int, fee: int, result: int
) -> None:
    found = price(amount, into)

    assert (found.value, found.fee) == (Money(value, Asset.USDT), Money(fee, Asset.USDT))
    assert (found.amount, found.result) == (amount, Money(result, into))
    assert found.rest + found.fee == found.value


@given(
    st.permutations(list(Asset)),
    st.integers(1, 10**12),
    st.dictionaries(
        st.sampled_from([asset for asset in Asset if asset is not Asset.USDT]),
        st.decimals("0.00000001", "999999999", places=8),
        min_size=5,
        max_size=5,
    ),
    st.integers(0, 5_000),
)
def test_nobody_gains_by_converting_to_and_fro(
    assets: list[Asset], minor: int, per_usdt: dict[Asset, Decimal], fee: int
) -> None:
    amount, into, share = Money(minor, assets[0]), assets[1], BasisPoints(fee)
    try:
        there = price(amount, into, fee=share, per_usdt=per_usdt)
        back = price(there.result, amount.asset, fee=share, per_usdt=per_usdt)
    except InvalidInput:
        assume(False)
        raise

    assert back.result.minor <= minor


@pytest.mark.parametrize(("given_", "received"), list(permutations(Asset, 2)))
def test_every_pair_of_assets_is_booked_in_one_transfer_that_sums_to_zero(given_: Asset, received: Asset) -> None:
    found = price(Money(10_000_000, given_), received)

    transfer = converted(AMINA, found, reference="conversion:1", note="by these rates")

    assert transfer.code is TransferCode.CONVERSION
    sums: dict[Asset, int] = dict.fromkeys(Asset, 0)
    for account, net in transfer.nets.items():
        sums[account.asset] += net
    assert set(sums.values()) == {0}
    assert {account.asset: net for account, net in transfer.nets.items() if account.owner} == {
        given_: -10_000_000,
        received: found.result.minor,
    }
    earned = {account.path: net for account, net in transfer.nets.items() if account.segments[-1] == "revenue"}
    assert earned == {"platform:revenue:USDT": found.fee.minor}


def test_points_go_back_to_the_house_and_their_usdt_leave_the_reserve() -> None:
    transfer = converted(AMINA, price(Money(1_000, Asset.POINTS), Asset.KES), reference="conversion:1", note=None)

    assert nets(transfer.nets) == {
        "platform:conversion:KES": -127_957,
        "platform:conversion:USDT": 9_900_000,
        "platform:points_redeemed:POINTS": 1_000,
        "platform:reserve:USDT": -10_000_000,
        "platform:revenue:USDT": 100_000,
        f"user:{AMINA}:wallet:KES": 127_957,
        f"user:{AMINA}:wallet:POINTS": -1_000,
    }


def test_without_a_fee_nothing_is_earned() -> None:
    transfer = converted(AMINA, price(Money(100, Asset.KES), Asset.INR, fee=FREE), reference="conversion:1", note=None)

    assert nets(transfer.nets) == {
        "platform:conversion:INR": -65,
        "platform:conversion:KES": 100,
        f"user:{AMINA}:wallet:INR": 65,
        f"user:{AMINA}:wallet:KES": -100,
    }


@pytest.mark.parametrize(
    ("amount", "into", "words"),
    [
        (Money(1, Asset.USDT), Asset.KES, "is too little to get any KES for"),
        (Money(9_999, Asset.USDT), Asset.POINTS, "is too little to get any POINTS for"),
        (Money(1, Asset.KES), Asset.POINTS, "is too little to get any POINTS for"),
        (Money(MOVE_MINOR_MAX, Asset.KES), Asset.USDT, "is too much to convert at once"),
    ],
)
def test_what_would_come_to_nothing_or_to_too_much_is_refused(amount: Money, into: Asset, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        price(amount, into)

    assert [(fault.path, fault.message) for fault in refused.value.faults] == [(("amount", "amount"), words)]


def nets(found: Mapping[AccountRef, int]) -> dict[str, int]:
    return {account.path: net for account, net in found.items()}
