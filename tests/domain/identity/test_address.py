"""One spelling for every address."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.identity.address import Address, AddressKind, parse_address


class KenyanNumbers:
    """Knows one numbering plan."""

    def normalized(self, text: str) -> str | None:
        digits = text.replace(" ", "")
        return digits if digits.startswith("+254") and len(digits) == 13 else None


def parse(text: str) -> Address:
    return parse_address(text, phone_numbers=KenyanNumbers())


def test_a_number_is_brought_into_its_international_form() -> None:
    assert parse("+254 712 345 678") == Address(AddressKind.PHONE, "+254712345678")


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("Amina@Example.COM", "amina@example.com"),
        (" amina@example.com ", "amina@example.com"),
        ("a.b+c@sub.example.co.ke", "a.b+c@sub.example.co.ke"),
    ],
)
def test_an_email_address_is_lower_cased_and_trimmed(typed: str, known: str) -> None:
    assert parse(typed) == Address(AddressKind.EMAIL, known)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "amina",
        "12",
        "+254",
        "@",
        "a@b",
        "a@@example.com",
        "a b@example.com",
        ".a@example.com",
        "a..b@example.com",
        "a@example..com",
        "a@-example.com",
        "a@example.com\r\nBcc: b@example.com",
        "a@exam\u0440le.com",
        "x" * 65 + "@example.com",
        "a@" + "x" * 63 + "." + "y" * 190 + ".com",
        "9" * 10_000,
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(text)

    assert [fault.path for fault in refused.value.faults] == [("address",)]
    assert str(refused.value) in {
        "address must be an e-mail address or a phone number such as +254712345678",
        "address must be an e-mail address such as amina@example.com",
    }


def test_its_text_form_does_not_show_it() -> None:
    assert "amina" not in repr(parse("amina@example.com"))
