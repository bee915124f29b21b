"""The real adapter against a Daraja-shaped server over HTTP: what is accepted, refused, put off, and not known."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from aiohttp import web

from domain.clock import Clock
from domain.payments.mobile_money import (
    PushAccepted,
    PushDeferred,
    PushOutcome,
    PushRefused,
    PushUnknown,
    StkPush,
    StkResult,
)
from integrations.mpesa.express import MpesaExpress
from integrations.outbound_http import FAILURES_UNTIL_OPEN
from integrations.sandbox.daraja import Behaviour
from tests.daraja import Daraja, make_account, make_express, running_daraja, serving

PUSH = StkPush(phone="254708374149", shillings=150, reference="SKTEST000001", callback_token="token-1")


@dataclass
class Afternoon:
    """A clock that a test moves on."""

    at: datetime = datetime(2026, 11, 20, 21, 30, 5, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Afternoon:
    return Afternoon()


@pytest.fixture
async def daraja(clock: Afternoon) -> AsyncIterator[Daraja]:
    async with running_daraja(clock) as running:
        running.server.usual = Behaviour(callbacks=0)
        yield running


async def test_an_accepted_push_is_known_by_its_checkout(daraja: Daraja, clock: Afternoon) -> None:
    outcome = await daraja.express(clock).push(PUSH)

    (prompt,) = daraja.server.prompts.values()
    assert outcome == PushAccepted(prompt.merchant_request_id, prompt.checkout_request_id)


async def test_every_field_is_as_daraja_wants_it(daraja: Daraja, clock: Afternoon) -> None:
    await daraja.express(clock, callback_url="http://127.0.0.1:9/").push(PUSH)

    (prompt,) = daraja.server.prompts.values()
    assert prompt.body == {
        "BusinessShortCode": 174379,
        "Password": base64.b64encode(b"174379passkey20261121003005").decode(),
        "Timestamp": "20261121003005",
        "TransactionType": "CustomerPayBillOnline",
        "Amount": 150,
        "PartyA": 254708374149,
        "PartyB": 174379,
        "PhoneNumber": 254708374149,
        "CallBackURL": "http://127.0.0.1:9/callbacks/stk/token-1",
        "AccountReference": "SKTEST000001",
        "TransactionDesc": "Sokoni",
    }


async def test_many_pushes_at_once_share_one_token(daraja: Daraja, clock: Afternoon) -> None:
    express = daraja.express(clock)

    await asyncio.gather(*(express.push(PUSH) for _ in range(5)))
    assert daraja.server.tokens_given == 1
    clock.at += timedelta(minutes=51)
    await express.push(PUSH)

    assert daraja.server.tokens_given == 2
    assert len(daraja.server.prompts) == 6


async def test_an_expired_token_is_renewed_and_the_push_made_once(daraja: Daraja, clock: Afternoon) -> None:
    express = daraja.express(clock)
    await express.push(PUSH)
    daraja.server.expire_tokens()

    outcome = await express.push(PUSH)

    assert isinstance(outcome, PushAccepted)
    assert (daraja.server.tokens_given, daraja.server.refused, len(daraja.server.prompts)) == (2, 1, 2)


@pytest.mark.parametrize(
    ("answer", "outcome", "prompts"),
    [
        ("busy", PushDeferred("500.003.02", timedelta(seconds=10)), 0),
        ("locked", PushDeferred("500.001.1001", timedelta(seconds=65)), 0),
        ("internal", PushUnknown("500.003.1001"), 0),
        ("internal-accepted", PushUnknown("500.003.1001"), 1),
        ("slow", PushUnknown("NO_ANSWER"), 1),
    ],
)
async def test_what_is_not_accepted(
    daraja: Daraja, clock: Afternoon, answer: str, outcome: PushOutcome, prompts: int
) -> None:
    daraja.server.next(answer=answer, slow_seconds=1.0)

    assert await daraja.express(clock).push(PUSH) == outcome
    assert len(daraja.server.prompts) == prompts


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"passkey": "another"}, PushRefused("500.001.1001", is_ours=True)),
        ({"short_code": "600000"}, PushRefused("500.001.1001", is_ours=True)),
        ({"callback_url": "http://127.0.0.1:9/mpesa"}, PushRefused("400.002.02", is_ours=True)),
        ({"consumer_secret": "another"}, PushDeferred("NO_TOKEN:400", timedelta(seconds=10))),
    ],
)
async def test_faults_of_ours_are_told(
    daraja: Daraja, clock: Afternoon, changes: dict[str, str], outcome: PushOutcome
) -> None:
    assert await daraja.express(clock, **changes).push(PUSH) == outcome
    assert daraja.server.prompts == {}


async def test_whoever_is_not_reached_was_asked_nothing(daraja: Daraja, clock: Afternoon) -> None:
    express = daraja.express(clock)
    await express.push(PUSH)
    await daraja.stop()

    assert await express.push(PUSH) == PushDeferred("NOT_SENT", timedelta(seconds=10))


async def test_who_keeps_failing_is_left_alone_and_asked_nothing(daraja: Daraja, clock: Afternoon) -> None:
    express = daraja.express(clock)
    for _ in range(FAILURES_UNTIL_OPEN):
        daraja.server.next(answer="slow", slow_seconds=0.6)
    unknown = await asyncio.gather(*(express.push(PUSH) for _ in range(FAILURES_UNTIL_OPEN)))

    outcome = await express.push(PUSH)

    assert unknown == [PushUnknown("NO_ANSWER")] * FAILURES_UNTIL_OPEN
    assert outcome == PushDeferred("CIRCUIT_OPEN", timedelta(seconds=10))
    assert len(daraja.server.prompts) == FAILURES_UNTIL_OPEN


@pytest.mark.parametrize(
    ("said", "status", "outcome"),
    [
        ({"ResponseCode": "0"}, 200, PushUnknown("UNREADABLE")),
        ([], 200, PushUnknown("UNREADABLE")),
        ({"ResponseCode": "1"}, 200, PushRefused("1")),
        ({}, 502, PushUnknown("502")),
        ({}, 429, PushDeferred("HTTP_429", timedelta(seconds=10))),
        ({}, 403, PushRefused("HTTP_403", is_ours=True)),
        ({"errorCode": "500.001.1001", "errorMessage": "?"}, 500, PushUnknown("500.001.1001")),
    ],
)
async def test_answers_of_another_form(clock: Afternoon, said: Any, status: int, outcome: PushOutcome) -> None:
    async with strange(said, status) as express:
        assert await express(clock).push(PUSH) == outcome


async def test_a_result_is_asked_for(daraja: Daraja, clock: Afternoon) -> None:
    daraja.server.next(code="1032", after_seconds=2.0, callbacks=0)
    express = daraja.express(clock)
    accepted = await express.push(PUSH)
    assert isinstance(accepted, PushAccepted)

    pending = await express.query(accepted.checkout_request_id)
    clock.at += timedelta(seconds=2)
    daraja.server.expire_tokens()
    known = await express.query(accepted.checkout_request_id)

    assert pending is None
    assert known == StkResult(checkout_request_id=accepted.checkout_request_id, code="1032")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"ResponseCode": "0", "CheckoutRequestID": "another", "ResultCode": "0"}, 200),
        ({"ResponseCode": "0", "CheckoutRequestID": "ws_CO_1", "ResultCode": "4999"}, 200),
        ({"ResponseCode": "1", "CheckoutRequestID": "ws_CO_1", "ResultCode": "0"}, 200),
        ({"ResponseCode": "0", "CheckoutRequestID": "ws_CO_1", "ResultCode": "0"}, 500),
        ({"ResponseCode": "0", "CheckoutRequestID": "ws_CO_1"}, 200),
        ([], 200),
    ],
)
async def test_what_is_no_result_says_nothing(clock: Afternoon, said: Any, status: int) -> None:
    async with strange(said, status) as express:
        assert await express(clock).query("ws_CO_1") is None


async def test_no_secret_is_logged_or_shown(daraja: Daraja, clock: Afternoon) -> None:
    screen = io.StringIO()
    with redirect_stdout(screen):
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(screen))
        try:
            daraja.server.next(answer="slow", slow_seconds=0.6)
            await daraja.express(clock).push(PUSH)
            await daraja.express(clock, consumer_secret="wrong-secret").push(PUSH)
        finally:
            structlog.reset_defaults()

    shown = screen.getvalue() + repr(make_account(daraja.url)) + repr(PUSH)
    assert "not_answered" in shown
    assert "no_access_token" in shown
    for secret in ("wrong-secret", "passkey", "254708374149", "token-1", "Basic", "Bearer"):
        assert secret not in shown


@asynccontextmanager
async def strange(said: Any, status: int) -> AsyncIterator[Callable[[Clock], MpesaExpress]]:
    """A provider that gives tokens and answers everything else so."""

    async def token(_: web.Request) -> web.Response:
        return web.json_response({"access_token": "t", "expires_in": "3599"})

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(said, status=status)

    application = web.Application()
    application.router.add_get("/oauth/v1/generate", token)
    application.router.add_post("/{path:.*}", answer)
    async with serving(application) as url:
        yield lambda clock: make_express(url, clock)
