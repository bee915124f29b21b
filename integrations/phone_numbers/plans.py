"""Phone numbers in their international form."""

from __future__ import annotations

import phonenumbers


class NumberingPlans:
    """Reads numbers as people type them; one without a country code is of the region, when one is given."""

    def __init__(self, *, region: str | None = None) -> None:
        self._region = region

    def normalized(self, text: str) -> str | None:
        """E.164, or None when the numbering plans know no such number, or one with an extension."""
        try:
            number = phonenumbers.parse(text, self._region)
        except phonenumbers.NumberParseException:
            return None
        if number.extension or not phonenumbers.is_valid_number(number):
            return None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
