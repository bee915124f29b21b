"""What a log line must never say."""

from __future__ import annotations

import pytest

from app.logging import HIDDEN, redact


@pytest.mark.parametrize(
    "key", ["authorization", "access_token", "refreshToken", "pin", "otp_code", "phone", "email", "address", "secret"]
)
def test_what_names_a_person_or_opens_a_door_is_blotted_out_by_its_key(key: str) -> None:
    assert redact(None, "info", {key: "anything"}) == {key: HIDDEN}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Bearer abc.def.ghi was sent", f"{HIDDEN} was sent"),
        ("token eyJhbGciOi.eyJpc3Mi.c2ln ends", f"token {HIDDEN} ends"),
        ("to amina@sokoni.example now", f"to {HIDDEN} now"),
        ("to +254712000001 now", f"to {HIDDEN} now"),
    ],
)
def test_and_by_its_shape_inside_running_text(said: str, shown: str) -> None:
    assert redact(None, "info", {"event": said}) == {"event": shown}


def test_what_says_nothing_of_anybody_stays() -> None:
    entry = {"event": "request", "status": 200, "request_id": "req_01a1fadc58cb7f43", "path": "/graphql"}

    assert redact(None, "info", dict(entry)) == entry
