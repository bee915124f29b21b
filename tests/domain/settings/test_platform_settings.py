"""Values are read by the type of their setting."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.settings.errors import SettingNotFound
from domain.settings.platform_settings import SETTINGS, SettingDefinition, SettingKind, definition_of

FEE = definition_of("order_fee_basis_points")
OPEN = definition_of("transfers_open")
LINE = definition_of("announcement")


@pytest.mark.parametrize(
    ("definition", "text", "value"),
    [
        (FEE, "0", 0),
        (FEE, "10000", 10_000),
        (OPEN, "false", False),
        (LINE, '"  Karibu   sokoni "', "Karibu sokoni"),
        (LINE, '""', ""),
    ],
)
def test_a_value_of_the_right_type_is_taken(definition: SettingDefinition, text: str, value: object) -> None:
    assert definition.parse(text) == value


@pytest.mark.parametrize(
    ("definition", "text", "message"),
    [
        (FEE, "10001", "must be between 0 and 10000"),
        (FEE, "-1", "must be between 0 and 10000"),
        (FEE, "5.0", "must be of the type INTEGER"),
        (FEE, "true", "must be of the type INTEGER"),
        (FEE, '"500"', "must be of the type INTEGER"),
        (FEE, "null", "must be of the type INTEGER"),
        (FEE, "NaN", "must be of the type INTEGER"),
        (FEE, "9" * 1_999, "must be between 0 and 10000"),
        (FEE, "five", "must be written as JSON"),
        (FEE, "", "must be written as JSON"),
        (FEE, "[" * 2_000, "must be written as JSON"),
        (FEE, "1" * 2_001, "must have at most 2000 characters"),
        (OPEN, "1", "must be of the type BOOLEAN"),
        (LINE, '"' + "x" * 281 + '"', "must have at most 280 characters"),
        (LINE, '"\\ud800"', "must not contain control characters"),
    ],
)
def test_any_other_value_is_refused(definition: SettingDefinition, text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        definition.parse(text)

    assert [(fault.path, fault.message) for fault in refused.value.faults] == [(("value",), message)]


def test_an_unknown_key_is_no_setting() -> None:
    with pytest.raises(SettingNotFound):
        definition_of("free_money")


@pytest.mark.parametrize("definition", SETTINGS.values(), ids=lambda definition: definition.key)
def test_every_default_is_a_value_of_its_setting(definition: SettingDefinition) -> None:
    kind = {SettingKind.BOOLEAN: bool, SettingKind.INTEGER: int, SettingKind.TEXT: str}[definition.kind]

    assert type(definition.default) is kind
