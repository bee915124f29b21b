"""What people change of their own, over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp
import pytest

from domain.gateways import Gateways
from domain.identity.passcode import PasscodePurpose
from tests.api import Api
from tests.commands import Commands
from tests.makers.identity import PHONE, actor_of, ask_code, sign_in, wrong

PIN = "482913"
OTHER = "750162"

SET_UP = "mutation { totpSetUp { secret uri errors { code reason } } }"


@pytest.fixture
async def me(api: Api, commands: Commands, gateways: Gateways) -> Api:
    """The API, used by somebody who signed in."""
    return api.as_(actor_of(await sign_in(commands, gateways)))


def reasons(payload: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(error["code"], error["reason"]) for error in payload["errors"]]


async def test_a_profile_is_changed_and_answered_as_it_is_now(me: Api) -> None:
    first = await me.command("profileUpdate", "user { displayName language version }", displayName=" Amina  W. ")
    stale = {"language": "sw", "expectedVersion": first["user"]["version"] - 1}
    refused = await me.command("profileUpdate", "user { id }", **stale)
    second = await me.command(
        "profileUpdate", "user { displayName language }", **stale | {"expectedVersion": first["user"]["version"]}
    )

    assert (first["user"]["displayName"], first["user"]["language"]) == ("Amina W.", "en")
    assert [(error["reason"], error["currentVersion"]) for error in refused["errors"]] == [
        ("VERSION_MISMATCH", first["user"]["version"])
    ]
    assert second["user"] == {"displayName": "Amina W.", "language": "sw"}


async def test_several_faults_of_a_profile_are_told_together(me: Api, commands: Commands) -> None:
    payload = await me.command("profileUpdate", "user { id }", displayName="", language="swahili")

    assert payload["user"] is None
    assert [error["path"] for error in payload["errors"]] == [["displayName"], ["language"]]
    assert await commands.events("profile.updated") == []


async def test_a_pin_is_set_once_and_shown(me: Api) -> None:
    unset = await me.command("pinVerify", "session { id }", pin=PIN)
    weak = await me.command("pinSet", "isSet", pin="111111")
    done = await me.command("pinSet", "isSet", pin=PIN)
    again = await me.command("pinSet", "isSet", pin=OTHER)
    shown = await me.command("pinVerify", "session { isCurrent secondFactorAt }", pin=PIN)

    assert reasons(unset) == [("CONFLICT_ERROR", "PIN_NOT_SET")]
    assert (weak["isSet"], [error["path"] for error in weak["errors"]]) == (False, [["pin"]])
    assert done == {"isSet": True, "errors": []}
    assert (again["isSet"], reasons(again)) == (False, [("CONFLICT_ERROR", "PIN_ALREADY_SET")])
    assert shown["session"] == {"isCurrent": True, "secondFactorAt": "2026-11-20T12:00:00.000Z"}


async def test_a_pin_locks_over_the_api_and_says_for_how_long(me: Api, commands: Commands) -> None:
    await me.command("pinSet", "isSet", pin=PIN)
    document = (
        "mutation($i: PinVerifyInput!) { pinVerify(input: $i) { session { id }"
        " errors { ... on AuthenticationError { reason attemptsLeft retryAfterSeconds } } } }"
    )

    answers = [(await me.ask(document, i={"pin": OTHER}))["pinVerify"] for _ in range(5)]
    commands.later(timedelta(minutes=5))
    locked = (await me.ask(document, i={"pin": PIN}))["pinVerify"]

    assert answers[0]["errors"] == [{"reason": "PIN_WRONG", "attemptsLeft": 4, "retryAfterSeconds": None}]
    assert answers[4]["errors"] == [{"reason": "PIN_LOCKED", "attemptsLeft": None, "retryAfterSeconds": 900}]
    assert locked["errors"] == [{"reason": "PIN_LOCKED", "attemptsLeft": None, "retryAfterSeconds": 600}]
    assert {answer["session"] is None for answer in [*answers, locked]} == {True}


async def test_a_pin_is_changed_by_who_knows_it(me: Api) -> None:
    await me.command("pinSet", "isSet", pin=PIN)

    refused = await me.command("pinChange", "isChanged", currentPin=OTHER, newPin="860417")
    same = await me.command("pinChange", "isChanged", currentPin=PIN, newPin=PIN)
    done = await me.command("pinChange", "isChanged", currentPin=PIN, newPin=OTHER)

    assert (refused["isChanged"], reasons(refused)) == (False, [("AUTHENTICATION_ERROR", "PIN_WRONG")])
    assert (same["isChanged"], [error["path"] for error in same["errors"]]) == (False, [["newPin"]])
    assert done == {"isChanged": True, "errors": []}
    assert reasons(await me.command("pinVerify", "session { id }", pin=OTHER)) == []


async def test_a_forgotten_pin_is_reset(me: Api, commands: Commands, gateways: Gateways) -> None:
    await me.command("pinSet", "isSet", pin=PIN)
    code = await ask_code(commands, gateways, purpose=PasscodePurpose.PIN_RESET)

    refused = await me.command("pinReset", "isChanged", address=PHONE, code=wrong(code), newPin=OTHER)
    done = await me.command("pinReset", "isChanged", address=PHONE, code=code, newPin=OTHER)

    assert (refused["isChanged"], reasons(refused)) == (False, [("AUTHENTICATION_ERROR", "OTP_WRONG")])
    assert done == {"isChanged": True, "errors": []}


async def test_secrets_stay_out_of_the_audit(me: Api, commands: Commands) -> None:
    await me.command("pinSet", "isSet", pin=PIN)
    await me.command("pinChange", "isChanged", currentPin=PIN, newPin=OTHER)

    trail = await commands.trail()
    assert [row.operation for row in trail[-2:]] == ["pinSet", "pinChange"]
    assert PIN not in str(trail)
    assert OTHER not in str(trail)
    assert "argon2" not in str(trail)


async def test_an_authenticator_is_set_up_shown_and_switched_off(me: Api, commands: Commands, api: Api) -> None:
    made = (await me.ask(SET_UP))["totpSetUp"]
    app = pyotp.TOTP(made["secret"])
    assert made["uri"].startswith("otpauth://totp/Sokoni:")
    wrong = await me.command("totpConfirm", "recoveryCodes", code="000000")
    confirmed = await me.command("totpConfirm", "recoveryCodes", code=app.at(commands.now))
    used = await me.command("totpVerify", "session { id }", code=app.at(commands.now))
    by_paper = await me.command("totpVerify", "session { secondFactorAt }", code=confirmed["recoveryCodes"][0])
    again = (await me.ask(SET_UP))["totpSetUp"]
    off = await me.command("totpDisable", "isOff", code=app.at(commands.now, counter_offset=1))

    assert (reasons(wrong), reasons(used)) == ([("AUTHENTICATION_ERROR", "TOTP_WRONG")],) * 2
    assert (wrong["recoveryCodes"], len(confirmed["recoveryCodes"])) == (None, 10)
    assert by_paper["session"] == {"secondFactorAt": "2026-11-20T12:00:00.000Z"}
    assert (again["secret"], reasons(again)) == (None, [("CONFLICT_ERROR", "TOTP_ALREADY_ON")])
    assert (off["isOff"], off["errors"]) == (True, [])
    assert reasons(await me.command("totpVerify", "session { id }", code="123456")) == [
        ("CONFLICT_ERROR", "TOTP_NOT_ON")
    ]
    assert (await api.run("mutation { totpSetUp { secret } }")).codes == ["AUTHENTICATION_ERROR"]
