"""What a command of a person booked."""

from __future__ import annotations

from dataclasses import dataclass

from domain.ledger.ports import Posting
from domain.ledger.transfer import Transfer
from domain.wallets.wallet import Wallet, WalletBalance


@dataclass(frozen=True, slots=True)
class Booking:
    """A transfer, how the ledger booked it, and the wallet that the command was about."""

    wallet: Wallet
    transfer: Transfer
    posting: Posting

    @property
    def balance(self) -> WalletBalance:
        """The wallet as it stands behind the transfer."""
        account = self.wallet.account
        after = next(balance for balance in self.posting.balances if balance.account == account)
        return WalletBalance(
            id=self.wallet.id,
            owner_id=self.wallet.owner_id,
            asset=self.wallet.asset,
            balance=after.posted,
            held=after.held,
            version=after.version,
        )
