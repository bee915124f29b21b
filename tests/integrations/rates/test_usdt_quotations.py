"""Rates over real HTTP: what is told is read exactly, everything else is a fault that names its provider."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from domain.errors import GatewayFault
from domain.money import Asset
from integrations.outbound_http import ANSWER_BYTES_MAX, FAILURES_UNTIL_OPEN, OutboundHttp, Unanswered
from integrations.rates.usdt_quotations import UsdtQuotations

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
TOLD = {"KES": "129.2512345678", "INR": "84.5", "USD": "0.9998", "EUR": "not yet", "XAU": "0.0003"}


@asynccontextmanager
async def source(answer: Answer) -> AsyncIterator[str]:
    """A server on this machine; the address that it answers at."""
    application = web.Application()
    application.router.add_get("/v2/exchange-rates", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    try:
        yield f"http://127.0.0.1:{port}/v2/exchange-rates?currency=USDT"
    finally:
        await runner.cleanup()


def telling(body: Any, *, status: int = 200) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(body, status=status)

    return answer


async def test_our_assets_are_read_and_others_left_out() -> None:
    async with source(telling({"data": {"currency": "USDT", "rates": TOLD}})) as url:
        observed = await UsdtQuotations(url).observe()

    assert observed == {
        Asset.KES: Decimal("129.25123456"),
        Asset.INR: Decimal("84.5"),
        Asset.USD: Decimal("0.9998"),
    }


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"data": None},
        {"data": {"currency": "BTC", "rates": TOLD}},
        {"data": {"currency": "USDT", "rates": []}},
        {"rates": TOLD},
    ],
)
async def test_an_answer_of_another_form_is_a_fault(body: Any) -> None:
    async with source(telling(body)) as url:
        with pytest.raises(GatewayFault) as fault:
            await UsdtQuotations(url).observe()

    assert fault.value.provider == "quotations"


@pytest.mark.parametrize("told", [129.25, "0", "-1", "1e5", "NaN", "", "1234567890", None])
async def test_what_is_no_rate_is_left_out(told: object) -> None:
    async with source(telling({"data": {"currency": "USDT", "rates": {"KES": told, "INR": "84.5"}}})) as url:
        assert await UsdtQuotations(url).observe() == {Asset.INR: Decimal("84.5")}


async def test_a_refusal_is_not_asked_again() -> None:
    asked = 0

    async def refusing(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        raise web.HTTPTooManyRequests

    async with source(refusing) as url:
        with pytest.raises(GatewayFault) as fault:
            await UsdtQuotations(url).observe()

    assert (fault.value.provider_code, asked) == ("429", 1)


async def test_a_fault_of_theirs_is_asked_again_and_then_answered() -> None:
    asked = 0

    async def recovering(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if asked < 3:
            raise web.HTTPBadGateway
        return web.json_response({"data": {"currency": "USDT", "rates": {"KES": "129"}}})

    async with source(recovering) as url:
        assert await UsdtQuotations(url).observe() == {Asset.KES: Decimal(129)}


async def test_one_that_keeps_failing_is_left_alone_for_a_while() -> None:
    asked = 0

    async def failing(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        raise web.HTTPInternalServerError

    async with source(failing) as url:
        http = OutboundHttp("quotations")
        codes = []
        for _ in range(3):
            with pytest.raises(Unanswered) as fault:
                await http.get(url)
            codes.append(fault.value.provider_code)

    assert codes == ["500", "CIRCUIT_OPEN", "CIRCUIT_OPEN"]
    assert asked == FAILURES_UNTIL_OPEN


@pytest.mark.parametrize("fault", ["cut", "slow", "long", "nobody", "elsewhere"])
async def test_no_proper_answer_is_a_fault_in_time(fault: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        match fault:
            case "elsewhere":
                raise web.HTTPFound("http://127.0.0.1:9/")
            case "long":
                return web.Response(body=bytes(ANSWER_BYTES_MAX + 1))
            case "cut":
                response.content_length = 10
                await response.prepare(request)
                await response.write(b"{")
                assert request.transport is not None
                request.transport.abort()
            case _:
                await response.prepare(request)
                await response.write(b"{")
                await request.content.wait_eof()
                while True:
                    await response.write(b" ")
                    await asyncio.sleep(0.05)
        return response

    http = OutboundHttp("quotations", attempts=1, timeout=aiohttp.ClientTimeout(total=0.3))
    async with source(answer) as url:
        with pytest.raises(GatewayFault) as raised:
            await UsdtQuotations("http://127.0.0.1:9/" if fault == "nobody" else url, http=http).observe()

    assert raised.value.provider == "quotations"
    assert "127.0.0.1" not in str(raised.value)
