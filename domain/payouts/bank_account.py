"""A person's account at a bank, as payment files name it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from domain.errors import FieldFault, InvalidInput

# ISO 9362: bank, country, place, and perhaps the branch. Max34Text is the longest account of ISO 20022.
_WRITTEN: Final = re.compile(r"([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?) ([A-Z0-9]{4,34}) (.{2,70})")
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_IBAN_REMAINDER: Final = 1  # ISO 13616: of the rearranged number divided by 97
HOW: Final = (
    "must be the bank's BIC, the account's number or IBAN, and its holder, as in EQBLKENA 01007654 Amina Otieno"
)


@dataclass(frozen=True, slots=True)
class BankAccount:
    """At which bank (ISO 9362), under which number, and whose."""

    bic: str
    number: str
    holder: str

    @property
    def is_iban(self) -> bool:
        """Whether the number says its country and proves itself."""
        return _IBAN.fullmatch(self.number) is not None

    @property
    def text(self) -> str:
        """As it is kept, and read again by `bank_account_of`."""
        return f"{self.bic} {self.number} {self.holder}"


def bank_account_of(written: str, *, path: tuple[str, ...]) -> BankAccount:
    """Read one line: BIC, number, holder.

    Raises:
        InvalidInput: not so written, an IBAN that does not prove itself, a holder that begins with no letter: a
            spreadsheet could take it for a formula, or one with signs that are not shown: XML has no room for some of
            them, and one such name would spoil the file of all.
    """
    bic, _, rest = written.partition(" ")
    number, _, holder = rest.partition(" ")
    found = _WRITTEN.fullmatch(f"{bic.upper()} {number.upper()} {holder}")
    if found is None or not holder[0].isalpha() or not holder.isprintable():
        raise InvalidInput(FieldFault(path, HOW))
    account = BankAccount(*found.groups())
    if account.is_iban and _remainder(account.number) != _IBAN_REMAINDER:
        raise InvalidInput(FieldFault(path, "has an IBAN whose check digits are wrong"))
    return account


def _remainder(iban: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97
