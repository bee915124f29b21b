"""Acting as a demo person by one click: who they are, and a session of theirs. Never in production."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.demo import PEOPLE, DemoPerson, DemoSession, NoDemoPeople, known_people, open_session
from app.refusal import refusal
from app.wiring import Wiring
from domain.errors import DomainError, ErrorCode
from domain.identity.session import Device, DevicePlatform

BODY_BYTES_MAX: Final = 1024
JSON: Final = "application/json"
DEVICE_NAME: Final = "explorer"


class SignInRefused(Exception):
    """The request is answered with this status, code and sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code = status, code
        super().__init__(message)


def routes() -> list[Route]:
    """Who may be acted as, and the sign-in."""
    return [Route("/explorer/people", people), Route("/explorer/sign-in", sign_in, methods=["POST"])]


async def people(request: Request) -> Response:
    """`/explorer/people`: the demo people with their ids, none where the database was not seeded."""
    wiring: Wiring = request.app.state.wiring
    return _json([asdict(known) for known in await known_people(wiring)])


async def sign_in(request: Request) -> Response:
    """`/explorer/sign-in`: a session of the named person on the named device; an earlier one of the device ends."""
    try:
        session = await _session(request)
    except SignInRefused as refused:
        return refusal(request, refused.status, code=refused.code, message=str(refused))
    expires_at = session.expires_at.isoformat()
    return _json({**asdict(session.token), "accessTokenExpiresAt": expires_at, "refreshToken": session.refresh_token})


async def _session(request: Request) -> DemoSession:
    asked = await _asked(request)
    person, fingerprint = _person(asked.get("person")), asked.get("deviceId")
    wiring: Wiring = request.app.state.wiring
    try:
        device = Device.checked(
            fingerprint=fingerprint if isinstance(fingerprint, str) else "",
            name=DEVICE_NAME,
            platform=DevicePlatform.WEB,
        )
        return await open_session(wiring, person, device, request_id=request.state.request_id)
    except NoDemoPeople as missing:
        raise SignInRefused(404, "NOT_FOUND", str(missing)) from None
    except DomainError as refused:
        status = 403 if refused.code is ErrorCode.AUTHENTICATION_ERROR else 400
        raise SignInRefused(status, refused.code.value, str(refused)) from None


async def _asked(request: Request) -> dict[str, Any]:
    """The body; only as JSON, which no page of another origin may send without asking first."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise SignInRefused(415, "VALIDATION_ERROR", f"Send {JSON}.")
    body = await request.body()
    try:
        asked = orjson.loads(body) if len(body) <= BODY_BYTES_MAX else None
    except orjson.JSONDecodeError:
        asked = None
    if not isinstance(asked, dict):
        raise SignInRefused(400, "VALIDATION_ERROR", 'Send {"person": "customer", "deviceId": "…"}.')
    return asked


def _person(label: object) -> DemoPerson:
    for person in PEOPLE:
        if person.label == label:
            return person
    raise SignInRefused(404, "NOT_FOUND", f"Nobody is called that; there are {', '.join(p.label for p in PEOPLE)}.")


def _json(body: object) -> Response:
    return Response(orjson.dumps(body), media_type=JSON, headers={"Cache-Control": "no-store"})
