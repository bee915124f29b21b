"""Where money goes that leaves."""

from __future__ import annotations

from domain.ledger import chart
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.transfer import Move, Transfer
from domain.payouts.payout import Payout


def wallet_of(payout: Payout) -> AccountRef:
    """What it is set aside in."""
    return chart.user_wallet(payout.owner_id, payout.amount.asset)


def paid_out(payout: Payout) -> Transfer:
    """The person's money is what the rail has paid for us."""
    rail = chart.rail(payout.rail.value.lower(), payout.amount.asset)
    return Transfer(f"payout:{payout.label}:paid", TransferCode.PAYOUT, (Move(wallet_of(payout), rail, payout.amount),))
