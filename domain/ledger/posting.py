"""Posting: the only way that money moves."""

from __future__ import annotations

from domain.ids import TransferId, new_id
from domain.ledger.events import BalanceChanged, TransactionFact
from domain.ledger.ports import Balance, Posting
from domain.ledger.statement import TransactionStatus, transaction_id_of
from domain.ledger.transfer import Transfer
from domain.money import Money
from domain.unit_of_work import UnitOfWork


async def post(uow: UnitOfWork, transfer: Transfer) -> Posting:
    """Book a transfer and tell the owners of the wallets it changed. Posted before, it does and tells nothing.

    Raises:
        InsufficientFunds: a floored account would fall below what is held on it.
        BalanceTooLarge: an account would exceed 64 bits.
        ReferenceReused: other moves, or another code, were posted under this reference.
    """
    posting = await uow.ledger.post(transfer, transfer_id=TransferId(new_id()), at=uow.now)
    tell_owners(uow, transfer, posting)
    return posting


def tell_owners(uow: UnitOfWork, transfer: Transfer, posting: Posting) -> None:
    """Emit one event for every wallet that a posting changed."""
    for balance in posting.balances if posting.is_new else ():
        owner, wallet_id = balance.account.owner, balance.account.wallet_id
        if owner is not None and wallet_id is not None:
            uow.emit(
                BalanceChanged(
                    user_id=owner,
                    wallet_id=wallet_id,
                    balance=balance.posted,
                    held=balance.held,
                    available=balance.available,
                    wallet_version=balance.version,
                    txn=_fact(transfer, posting, balance),
                )
            )


def _fact(transfer: Transfer, posting: Posting, balance: Balance) -> TransactionFact:
    change_minor = transfer.nets[balance.account]
    assert balance.account.wallet_id is not None, "only the owner of a wallet is told"
    return TransactionFact(
        id=transaction_id_of(balance.account.wallet_id, posting.transfer_id),
        type=transfer.code.seen_as(change_minor),
        status=TransactionStatus.COMPLETED,
        amount=Money(abs(change_minor), balance.account.asset),
        reference=transfer.reference,
    )
