"""A bank account is written in one way, and what a bank would refuse is refused here."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.payouts.bank_account import BankAccount, bank_account_of

PATH = ("destination",)


@pytest.mark.parametrize(
    ("written", "account", "is_iban"),
    [
        ("EQBLKENA 0100765432 Amina Otieno", BankAccount("EQBLKENA", "0100765432", "Amina Otieno"), False),
        ("eqblkena001 0100765432 Amina & Söhne", BankAccount("EQBLKENA001", "0100765432", "Amina & Söhne"), False),
        (
            "COBADEFF de89370400440532013000 K. Kamau",
            BankAccount("COBADEFF", "DE89370400440532013000", "K. Kamau"),
            True,
        ),
    ],
)
def test_it_is_read_as_it_is_kept(written: str, account: BankAccount, is_iban: bool) -> None:
    read = bank_account_of(written, path=PATH)

    assert (read, read.is_iban) == (account, is_iban)
    assert bank_account_of(read.text, path=PATH) == read


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Equity Bank 0100 7654 321, Amina Wanjiru",
        "EQBLKENA 0100765432",
        "EQBLKENA 010 Amina Otieno",
        "EQBLKEN 0100765432 Amina Otieno",
        "EQBLKENA 0100-765432 Amina Otieno",
        "EQBLKENA 0100765432 A",
        f"EQBLKENA 0100765432 {'A' * 71}",
        "EQBLKENA 0100765432 =HYPERLINK(1)",
        "EQBLKENA 0100765432 +254712345678",
        "EQBLKENA 0100765432 Amina\uffff Otieno",
        "EQBLKENA 0100765432 Amina \u202eoneitO",
        "COBADEFF DE89370400440532013001 K. Kamau",
    ],
)
def test_what_no_bank_reads_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        bank_account_of(written, path=PATH)

    assert [fault.path for fault in refused.value.faults] == [PATH]
