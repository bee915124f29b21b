"""The page about money, written from the chart of accounts and the codes themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID

from domain.ids import UserId
from domain.ledger import chart
from domain.ledger.account import AccountRef
from domain.ledger.codes import PAYOUT_RAILS, RAILS, TransferCode
from domain.money import Asset

_ANYBODY: Final = UUID(int=0)
_CHART: Final[tuple[tuple[Callable[..., AccountRef], AccountRef], ...]] = (
    (chart.user_wallet, chart.user_wallet(UserId(_ANYBODY), Asset.KES)),
    (chart.merchant_payable, chart.merchant_payable(_ANYBODY)),
    (chart.platform_revenue, chart.platform_revenue()),
    (chart.usdt_reserve, chart.usdt_reserve()),
    (chart.points_issued, chart.points_issued()),
    (chart.points_redeemed, chart.points_redeemed()),
    (chart.conversion, chart.conversion(Asset.KES)),
    *((chart.rail, chart.rail(name, Asset.KES)) for name in dict.fromkeys((*RAILS, *PAYOUT_RAILS))),
    (chart.adjustments, chart.adjustments(Asset.KES)),
)
_HEAD: Final = """\
# Money: the accounts and every way between them

Written by `make schema` from `domain/ledger`; do not edit.

Money is whole minor units of one asset. It moves by *transfers*: each is one or several *moves*, source → destination,
booked together under a natural reference, once. A balance is what came in less what went out, so all balances of an
asset sum to zero: an account that money comes from stands below zero by what people own because of it. An account's
full name is its pattern with the owner's id in place of `*`, and the asset behind it.
"""


_FAULTS: Final = """## Faults

What becomes of money when a process dies, a provider does not answer or an answer gets lost, rail by rail and each with
the test that shows it: [faults.md](faults.md).
"""


def money_page() -> str:
    """The whole page as Markdown."""
    return "\n".join([_HEAD, *_assets(), "", *_accounts(), "", *_codes(), "", *_holds(), "", _FAULTS])


def _assets() -> Iterator[str]:
    yield "## Assets\n"
    yield "| asset | digits behind the point |"
    yield "|---|--:|"
    for asset in Asset:
        yield f"| {asset.code} | {asset.scale} |"


def _accounts() -> Iterator[str]:
    yield "## Chart of accounts\n"
    yield "*Floored*: never below what is held on it. *Hot*: credits do not lock it; its balance is a snapshot and the"
    yield "entries since.\n"
    yield "| account | what it is | floored | hot |"
    yield "|---|---|---|---|"
    for name, account in _CHART:
        meaning = (name.__doc__ or "").strip()
        floored, hot = _yes(account.kind.is_floored), _yes(account.kind.is_hot)
        yield f"| `{account.pattern}` | {meaning} | {floored} | {hot} |"


def _codes() -> Iterator[str]:
    yield "## Transfer codes\n"
    yield "| code | meaning | moves | who gains reads | who loses reads |"
    yield "|---|---|---|---|---|"
    for code in TransferCode:
        rule = code.rule
        routes = sorted(rule.routes)
        moves = (
            "<br>".join(f"`{source}` → `{destination}`" for source, destination in routes) or "those of the other, back"
        )
        yield f"| {code.name} | {rule.meaning} | {moves} | {rule.credit.value} | {rule.debit.value} |"


def _holds() -> Iterator[str]:
    yield "## Holds\n"
    yield "An amount of a floored account can be set aside before it is certain that it moves. It stays in the balance,"
    yield "is no longer available, and ends once: *captured* by a transfer, *released*, or *expired*. On a statement it"
    yield "is PENDING while held, FAILED when it was given back, and the transfer's own line when it was captured."


def _yes(value: bool) -> str:
    return "yes" if value else "no"
