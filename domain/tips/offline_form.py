"""A code for phones without network: dialled instead of opened, it leads to the market's USSD service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from domain.payments.mobile_money import SHILLING_MINOR

# `*384*96#`: what the operators route to the market. What follows the service is typed ahead (3GPP TS 22.090).
_SERVICE: Final = re.compile(r"\*\d{2,4}(\*\d{1,6}){0,3}#", re.ASCII)


@dataclass(frozen=True, slots=True)
class OfflineForm:
    """What is dialled for one code; an amount of whole shillings goes with it."""

    short_code: str
    ussd: str

    @classmethod
    def of(cls, service: str, short_code: str | None, *, amount_minor: int | None) -> Self | None:
        """By cents of a shilling. None where the market has no USSD service, and for a code without a short one."""
        if short_code is None or not _SERVICE.fullmatch(service):
            return None
        typed = [service.removesuffix("#"), short_code]
        if amount_minor is not None and amount_minor % SHILLING_MINOR == 0:
            typed.append(str(amount_minor // SHILLING_MINOR))
        return cls(short_code, "*".join(typed) + "#")

    @property
    def uri(self) -> str:
        """For a picture that a camera reads without network: the phone offers to dial it (RFC 3966)."""
        return "tel:" + self.ussd.replace("#", "%23")
