"""The way in and out as clients go it: a code, tokens, refreshes, device keys, and the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.device_key import signed_text
from domain.ids import DeviceKeyId, IdKind, SessionId, UserId, decode_id
from integrations.jwt.token_verifier import JwtVerifier
from tests.api import Api
from tests.commands import Commands
from tests.makers.device_keys import HeldKey
from tests.makers.identity import EMAIL, PHONE, code_in, found_key, make_ring, newest_message, wrong
from tests.makers.people import make_person

DEVICE = {"id": "fingerprint-1", "name": "Amina's phone", "platform": "ANDROID"}
TOKENS = """
    accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt isNewUser
    user { id displayName roles status phone { masked isMasked } }
    session { id deviceName devicePlatform isCurrent endedAt }
"""
OWN = "{ viewer { id permissions user { id phone { masked isMasked } } sessions { id isCurrent deviceName } } }"
REVOKE_ALL = "mutation { sessionRevokeAll { sessions { id endedReason } errors { message } } }"
NOTHING = {"accessToken": None, "refreshToken": None, "user": None, "session": None}


async def ask_code(api: Api, commands: Commands, address: str = PHONE) -> str:
    answer = await api.command("otpSend", "expiresAt", address=address)
    assert answer["errors"] == []
    return code_in(await newest_message(commands))


async def come_in(api: Api, commands: Commands, address: str = PHONE, **device: str) -> dict[str, Any]:
    await found_key(commands)
    code = await ask_code(api, commands, address)
    payload: dict[str, Any] = await api.command("otpVerify", TOKENS, address=address, code=code, device=DEVICE | device)
    assert payload["errors"] == []
    return payload


async def actor_of(commands: Commands, payload: dict[str, Any]) -> Actor:
    claims = await JwtVerifier(make_ring(commands), clock=commands.clock).verify(payload["accessToken"])
    return Actor.person(claims.user_id, claims.session_id, claims.roles, address="203.0.113.9")


def the_error(payload: dict[str, Any]) -> dict[str, Any]:
    [error] = payload["errors"]
    assert {name: payload[name] for name in NOTHING if name in payload} == {
        name: None for name in NOTHING if name in payload
    }
    return {name: error[name] for name in ("__typename", "code", "reason", "path")}


async def test_a_code_is_answered_by_its_end_alone(api: Api, commands: Commands) -> None:
    known = await come_in(api, commands)
    assert known["isNewUser"]

    answers = [await api.command("otpSend", "expiresAt", address=address) for address in (PHONE, "+254712345670")]

    assert answers == [{"expiresAt": "2026-11-20T12:05:00.000Z", "errors": []}] * 2


async def test_the_first_visit_registers_and_answers_tokens(api: Api, commands: Commands) -> None:
    payload = await come_in(api, commands)

    assert payload["accessTokenExpiresAt"] == "2026-11-20T12:15:00.000Z"
    assert payload["refreshTokenExpiresAt"] == "2026-11-27T12:00:00.000Z"
    assert payload["session"]["deviceName"] == "Amina's phone"
    claims = await JwtVerifier(make_ring(commands), clock=commands.clock).verify(payload["accessToken"])
    assert claims.user_id == UserId(decode_id(IdKind.USER, payload["user"]["id"]))
    assert claims.session_id == SessionId(decode_id(IdKind.SESSION, payload["session"]["id"]))


async def test_the_viewer_sees_their_own_data_in_the_clear(api: Api, commands: Commands) -> None:
    payload = await come_in(api, commands)
    me = api.as_(await actor_of(commands, payload))

    viewer = (await me.ask(OWN))["viewer"]

    assert viewer["user"]["phone"] == {"masked": PHONE, "isMasked": False}
    assert (viewer["id"], viewer["permissions"]) == (payload["user"]["id"], [])
    assert viewer["sessions"] == [{"id": payload["session"]["id"], "isCurrent": True, "deviceName": "Amina's phone"}]


async def test_nobody_has_no_viewer(api: Api) -> None:
    answer = await api.run(OWN)

    assert answer.data is None
    assert answer.codes == ["AUTHENTICATION_ERROR"]


async def test_a_wrong_code_says_how_many_tries_are_left(api: Api, commands: Commands) -> None:
    await found_key(commands)
    code = await ask_code(api, commands)
    errors = "errors { ... on AuthenticationError { code reason attemptsLeft } }"

    answer = await api.ask(
        f"mutation($i: OtpVerifyInput!) {{ otpVerify(input: $i) {{ accessToken {errors} }} }}",
        i={"address": PHONE, "code": wrong(code), "device": DEVICE},
    )

    assert answer["otpVerify"] == {
        "accessToken": None,
        "errors": [{"code": "AUTHENTICATION_ERROR", "reason": "OTP_WRONG", "attemptsLeft": 4}],
    }


async def test_five_wrong_codes_over_the_api_are_all_there_are(api: Api, commands: Commands) -> None:
    await found_key(commands)
    code = await ask_code(api, commands)
    for _ in range(5):
        payload = await api.command("otpVerify", TOKENS, address=PHONE, code=wrong(code), device=DEVICE)
        assert the_error(payload)["reason"] == "OTP_WRONG"

    late = await api.command("otpVerify", TOKENS, address=PHONE, code=code, device=DEVICE)

    assert the_error(late)["reason"] == "OTP_EXHAUSTED"
    assert await commands.events() == []


async def test_the_sixth_code_says_when_to_come_back(api: Api, commands: Commands) -> None:
    for _ in range(5):
        await ask_code(api, commands)

    answer = await api.ask(
        "mutation($i: OtpSendInput!) { otpSend(input: $i) {"
        " expiresAt errors { code retryable ... on RateLimitError { retryAfterSeconds } } } }",
        i={"address": PHONE},
    )

    refused = {"code": "RATE_LIMIT_EXCEEDED", "retryable": True, "retryAfterSeconds": 3600}
    assert answer["otpSend"] == {"expiresAt": None, "errors": [refused]}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"address": "nobody"}, ["address"]),
        ({"code": "12"}, ["code"]),
        ({"device": DEVICE | {"id": "short"}}, ["device", "id"]),
        ({"device": DEVICE | {"name": "x" * 81}}, ["device", "name"]),
    ],
)
async def test_faulty_input_names_its_field(
    api: Api, commands: Commands, change: dict[str, Any], path: list[str]
) -> None:
    payload = await api.command(
        "otpVerify", TOKENS, **({"address": PHONE, "code": "123456", "device": DEVICE} | change)
    )

    assert the_error(payload) == {
        "__typename": "ValidationError",
        "code": "VALIDATION_ERROR",
        "reason": None,
        "path": path,
    }
    assert await commands.events() == []


async def test_a_refresh_brings_the_next_pair(api: Api, commands: Commands) -> None:
    payload = await come_in(api, commands)
    commands.later(timedelta(minutes=14))

    newer = await api.command("sessionRefresh", TOKENS, refreshToken=payload["refreshToken"], deviceId=DEVICE["id"])

    assert newer["errors"] == []
    assert newer["session"]["id"] == payload["session"]["id"]
    assert newer["accessTokenExpiresAt"] == "2026-11-20T12:29:00.000Z"
    assert newer["refreshToken"] not in (None, payload["refreshToken"])


async def test_a_reused_refresh_token_ends_the_session_although_it_is_refused(api: Api, commands: Commands) -> None:
    payload = await come_in(api, commands)
    old = {"refreshToken": payload["refreshToken"], "deviceId": DEVICE["id"]}
    newer = await api.command("sessionRefresh", TOKENS, **old)
    commands.later(timedelta(minutes=1))

    reused = await api.command("sessionRefresh", TOKENS, **old)
    ended = await api.command("sessionRefresh", TOKENS, **old | {"refreshToken": newer["refreshToken"]})

    assert (the_error(reused)["reason"], the_error(ended)["reason"]) == ("REFRESH_TOKEN_REUSED", "SESSION_ENDED")
    assert [event.body["reason"] for event in await commands.events("session.ended")] == ["TOKEN_REUSED"]


async def test_a_refresh_from_another_device_ends_the_session(api: Api, commands: Commands) -> None:
    payload = await come_in(api, commands)

    refused = await api.command(
        "sessionRefresh", TOKENS, refreshToken=payload["refreshToken"], deviceId="another-device"
    )

    assert the_error(refused)["reason"] == "DEVICE_MISMATCH"
    assert len(await commands.events("session.ended")) == 1


async def test_an_invented_refresh_token_is_refused(api: Api) -> None:
    refused = await api.command("sessionRefresh", TOKENS, refreshToken="invented", deviceId="another-device")

    assert the_error(refused)["reason"] == "REFRESH_TOKEN_INVALID"


async def test_a_session_is_revoked_once_and_by_its_owner(api: Api, commands: Commands) -> None:
    mine = await come_in(api, commands)
    theirs = await come_in(api, commands, EMAIL)
    me = api.as_(await actor_of(commands, mine))

    foreign = await me.command("sessionRevoke", "session { id }", sessionId=theirs["session"]["id"])
    malformed = await me.command("sessionRevoke", "session { id }", sessionId=mine["user"]["id"])
    done = await me.command("sessionRevoke", "session { id endedReason }", sessionId=mine["session"]["id"])
    again = await me.command("sessionRevoke", "session { id }", sessionId=mine["session"]["id"])

    assert the_error(foreign)["code"] == "NOT_FOUND"
    assert (the_error(malformed)["code"], the_error(malformed)["path"]) == ("VALIDATION_ERROR", ["sessionId"])
    assert done["session"] == {"id": mine["session"]["id"], "endedReason": "SIGNED_OUT"}
    assert the_error(again)["reason"] == "SESSION_ENDED"
    assert len(await commands.events("session.ended")) == 1


async def test_all_sessions_end(api: Api, commands: Commands) -> None:
    first = await come_in(api, commands)
    second = await come_in(api, commands, id="fingerprint-2")
    me = api.as_(await actor_of(commands, second))

    answer = (await me.ask(REVOKE_ALL))["sessionRevokeAll"]

    assert {session["id"]: session["endedReason"] for session in answer["sessions"]} == {
        first["session"]["id"]: "REVOKED",
        second["session"]["id"]: "SIGNED_OUT",
    }


async def test_a_device_signs_in_with_its_key(api: Api, commands: Commands, gateways: Gateways) -> None:
    payload, held = await come_in(api, commands), HeldKey()
    me = api.as_(await actor_of(commands, payload))
    key_id = (await me.command("deviceKeyEnroll", "keyId", publicKey=held.pem))["keyId"]

    asked = await api.command("deviceKeyChallenge", "challenge expiresAt", keyId=key_id)
    text = signed_text(DeviceKeyId(decode_id(IdKind.DEVICE_KEY, key_id)), asked["challenge"])
    signed = {"keyId": key_id, "signature": held.sign(text), "device": DEVICE}
    entered = await api.command("deviceKeyVerify", TOKENS, **signed)
    again = await api.command("deviceKeyVerify", TOKENS, **signed)

    assert asked["expiresAt"] == "2026-11-20T12:02:00.000Z"
    assert entered["user"]["id"] == payload["user"]["id"]
    assert entered["accessToken"]
    assert the_error(again)["reason"] == "DEVICE_SIGNATURE_INVALID"


async def test_faulty_keys_and_key_ids_are_refused(api: Api, commands: Commands) -> None:
    me = api.as_(await make_person(commands))

    faulty = await me.command("deviceKeyEnroll", "keyId", publicKey="not a key")
    foreign = await api.command("deviceKeyChallenge", "challenge", keyId="usr_00000000000000000000000000")

    assert (the_error(faulty)["path"], the_error(foreign)["path"]) == (["publicKey"], ["keyId"])


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("sessionRevoke", {"sessionId": "ses_1"}),
        ("deviceKeyEnroll", {"publicKey": "key"}),
        ("profileUpdate", {"displayName": "Amina"}),
        ("pinSet", {"pin": "482913"}),
        ("pinChange", {"currentPin": "482913", "newPin": "750162"}),
        ("pinReset", {"address": PHONE, "code": "123456", "newPin": "750162"}),
        ("pinVerify", {"pin": "482913"}),
    ],
)
async def test_what_is_ones_own_needs_a_sign_in(
    api: Api, commands: Commands, field: str, given: dict[str, str]
) -> None:
    kind = field[0].upper() + field[1:] + "Input"
    answer = await api.run(f"mutation($i: {kind}!) {{ {field}(input: $i) {{ errors {{ code }} }} }}", i=given)

    assert answer.codes == ["AUTHENTICATION_ERROR"]
    assert await commands.trail() == []
