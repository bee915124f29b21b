"""Names of accounts."""

from uuid import UUID

import pytest

from domain.ids import UserId
from domain.ledger import chart
from domain.ledger.account import AccountKind, AccountRef, wallet_id_of
from domain.money import Asset

AMINA = UserId(UUID("01990000-0000-7000-8000-000000000001"))


@pytest.mark.parametrize(
    ("account", "path", "pattern"),
    [
        (chart.user_wallet(AMINA, Asset.KES), f"user:{AMINA}:wallet:KES", "user:*:wallet"),
        (chart.user_points(AMINA), f"user:{AMINA}:wallet:POINTS", "user:*:wallet"),
        (chart.merchant_payable(AMINA), f"merchant:{AMINA}:payable:USDT", "merchant:*:payable"),
        (chart.platform_revenue(), "platform:revenue:USDT", "platform:revenue"),
        (chart.usdt_reserve(), "platform:reserve:USDT", "platform:reserve"),
        (chart.points_issued(), "platform:points_issued:POINTS", "platform:points_issued"),
        (chart.points_redeemed(), "platform:points_redeemed:POINTS", "platform:points_redeemed"),
        (chart.adjustments(Asset.KES), "platform:adjustments:KES", "platform:adjustments"),
    ],
)
def test_an_account_has_one_name(account: AccountRef, path: str, pattern: str) -> None:
    assert account.path == path
    assert account.pattern == pattern
    assert AccountRef.of_path(path, account.kind) == account


def test_only_a_wallet_has_an_owner() -> None:
    wallet = chart.user_wallet(AMINA, Asset.USDT)

    assert wallet.owner == AMINA
    assert wallet.wallet_id == wallet_id_of(AMINA, Asset.USDT)
    assert chart.merchant_payable(AMINA).owner is None
    assert chart.merchant_payable(AMINA).wallet_id is None


def test_wallets_of_one_person_have_ids_of_their_own() -> None:
    assert len({wallet_id_of(AMINA, asset) for asset in Asset}) == len(Asset)


@pytest.mark.parametrize(
    ("kind", "is_floored", "is_hot"),
    [
        (AccountKind.WALLET, True, False),
        (AccountKind.PAYABLE, True, True),
        (AccountKind.REVENUE, True, True),
        (AccountKind.HOUSE, False, True),
    ],
)
def test_only_house_accounts_go_below_zero_and_only_wallets_are_locked_by_credits(
    kind: AccountKind, is_floored: bool, is_hot: bool
) -> None:
    assert kind.is_floored is is_floored
    assert kind.is_hot is is_hot
