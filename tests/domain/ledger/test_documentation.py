"""The page about money."""

from domain.ledger.codes import TransferCode
from domain.ledger.documentation import money_page
from domain.money import Asset


def test_the_page_names_every_asset_account_and_code() -> None:
    page = money_page()

    assert all(f"| {asset.code} | {asset.scale} |" in page for asset in Asset)
    assert all(f"| {code.name} | {code.rule.meaning} |" in page for code in TransferCode)
    assert "| `user:*:wallet` | What a person owns in one asset; never below what is held on it. | yes | no |" in page
    assert "`user:*:wallet` → `user:*:wallet` | CREDIT | DEBIT |" in page


def test_every_route_of_a_code_leads_between_accounts_of_the_chart() -> None:
    page = money_page()

    for code in TransferCode:
        for source, destination in code.rule.routes:
            assert f"| `{source}` |" in page
            assert f"| `{destination}` |" in page
