"""What is typed instead of reading a code, and what is dialled without network."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.settings.platform_settings import definition_of
from domain.tips.errors import TipQrNotFound
from domain.tips.offline_form import OfflineForm
from domain.tips.short_code import check_digit, new_short_code, short_code_in


def test_the_check_digit_is_damms() -> None:
    assert check_digit("572") == "4"  # the example of Damm's own thesis


def test_every_wrong_digit_and_every_swap_of_neighbours_is_found() -> None:
    for _ in range(50):
        code = new_short_code()
        assert short_code_in(code) == code
        wrong = [
            code[:place] + digit + code[place + 1 :]
            for place in range(9)
            for digit in "0123456789"
            if digit != code[place]
        ]
        swapped = [
            code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            for place in range(8)
            if code[place] != code[place + 1]
        ]
        for typed in wrong + swapped:
            with pytest.raises(TipQrNotFound):
                short_code_in(typed)


def test_it_is_typed_with_spaces_or_dashes_and_nothing_else_is_taken_for_one() -> None:
    code = new_short_code()

    assert short_code_in(f" {code[:3]} {code[3:6]}-{code[6:]} ") == code
    for other in ("", code[:-1], code + "0", "A" * 9, "١٢٣٤٥٦٧٨٩", "sokoni://tip/AAAA"):
        assert short_code_in(other) is None


@pytest.mark.parametrize(
    ("service", "minor", "ussd"),
    [
        ("*384*96#", None, "*384*96*123456784#"),
        ("*384*96#", 5_000, "*384*96*123456784*50#"),
        ("*384*96#", 5_050, "*384*96*123456784#"),
        ("*384#", None, "*384*123456784#"),
    ],
)
def test_what_is_dialled(service: str, minor: int | None, ussd: str) -> None:
    form = OfflineForm.of(service, "123456784", amount_minor=minor)

    assert form is not None
    assert form.ussd == ussd
    assert form.uri == f"tel:{ussd[:-1]}%23"


def test_without_a_service_or_a_short_code_nothing_is_dialled() -> None:
    assert OfflineForm.of("", "123456784", amount_minor=None) is None
    assert OfflineForm.of("*384*96#", None, amount_minor=None) is None
    assert OfflineForm.of("*384*96", "123456784", amount_minor=None) is None


def test_the_service_is_one_that_phones_dial() -> None:
    setting = definition_of("ussd_service_code")

    assert [setting.parse(text) for text in ('""', '"*384*96#"', '"*483#"')] == ["", "*384*96#", "*483#"]
    for text in ('"384"', '"*384*96"', '"*#06#"', '"*384*96#;ext=1"', '"tel:*384#"'):
        with pytest.raises(InvalidInput):
            setting.parse(text)
