"""RFC 6238 by pyotp."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import pyotp
from pyotp.utils import strings_equal

ISSUER: Final = "Sokoni"
STEP_SECONDS: Final = 30
# A clock may be half a minute off, and a code is typed at the end of its time.
BESIDE: Final = (0, -1, 1)
_CODE: Final = re.compile(r"[0-9]{6}")


class TimeCodes:
    """See the port."""

    def new_secret(self) -> str:
        return pyotp.random_base32()

    def uri(self, secret: str, *, account: str) -> str:
        return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)

    def step_of(self, secret: str, code: str, *, at: datetime) -> int | None:
        if not _CODE.fullmatch(code):
            return None
        codes = pyotp.TOTP(secret)
        now = int(at.timestamp()) // STEP_SECONDS
        return next((now + off for off in BESIDE if strings_equal(code, codes.generate_otp(now + off))), None)
