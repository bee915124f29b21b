"""The sandbox is driven over HTTP: days pass in seconds for every process alike, and money moves exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app.sandbox_acquirers import addresses
from tests.flows.client import Caller, SocketClosed
from tests.flows.documents import WALLET_EVENTS
from tests.flows.market import Market, free_port, open_market
from tests.flows.people import come_in, sign_in
from tests.flows.test_mpesa import BALANCES, PAYMENT, TOP_UP, balance, ended

NAME = "sokoni_sandbox_flows"
NOW = "{ sandbox { now } }"
PROMPTS = "{ sandbox { mpesaPrompts { checkoutId reference amount { amount asset } code decidedAt callbacks } } }"
ANSWER = """
mutation($input: SandboxMpesaAnswerInput!) { sandbox { mpesaAnswer(input: $input) {
  prompt { checkoutId code decidedAt callbacks } errors { code reason } } } }
"""
ADVANCE = """
mutation($seconds: Int!) { sandbox { clockAdvance(input: {seconds: $seconds}) { now errors { code reason } } } }
"""
DOWN = """
mutation($seconds: Int!) { sandbox { providerDown(input: {rail: MPESA, seconds: $seconds}) {
  until errors { code reason } } } }
"""
CARD = """
mutation($input: SandboxCardAnswerInput!) { sandbox { cardAnswer(input: $input) { errors { code reason } } } }
"""
CHECKOUT = "query($id: ID!) { paymentIntent(id: $id) { state checkout { state providerReference decline } } }"
HOUR, DAY = 3_600, 86_400
PHONES = iter(range(254_711_000_000, 254_711_001_000))


@pytest.fixture(scope="module")
async def market(database_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Market]:
    """One of its own: its clock runs ahead of everybody's."""
    folder: Path = tmp_path_factory.mktemp("sandbox")
    async with open_market(NAME, database_url, template, folder) as market:
        daraja = str(free_port())
        market.daraja = f"http://127.0.0.1:{daraja}"
        market.urls["b"] = f"http://127.0.0.1:{free_port()}"
        acquirers = str(free_port())
        market.acquirers = f"http://127.0.0.1:{acquirers}"
        market.settings |= {
            "SOKONI_MPESA_URL": market.daraja,
            "SOKONI_MPESA_CALLBACK_URL": market.urls["b"],
            **addresses(market.acquirers),
        }
        market.start("daraja", "sandbox-daraja", "--port", daraja)
        market.start("acquirers", "sandbox-acquirers", "--port", acquirers, "--api", market.urls["b"])
        market.start("relay", "relay")
        market.start("worker", "worker")
        for name in ("a", "b"):
            market.start_api(name)
        for name in ("a", "b"):
            await market.until_ready(name)
        yield market


@pytest.fixture
async def driver(market: Market, http: aiohttp.ClientSession) -> Caller:
    """Whoever drives: nobody needs to be signed in for it."""
    return Caller(http, market.urls["a"])


@pytest.fixture
async def payer(market: Market, http: aiohttp.ClientSession) -> Caller:
    return await come_in(market, http)


async def drive(driver: Caller, document: str, **variables: Any) -> Any:
    payload = next(iter((await driver.run(document, **variables)).values()))
    assert payload["errors"] == []
    return payload


async def advance(driver: Caller, seconds: int) -> datetime:
    return datetime.fromisoformat((await drive(driver, ADVANCE, seconds=seconds))["now"])


async def now_at(caller: Caller) -> datetime:
    return datetime.fromisoformat((await caller.run(NOW))["now"])


async def asked(payer: Caller) -> Any:
    phone = next(PHONES)
    money = {"amount": "1293", "asset": "KES"}
    given = {"amount": money, "into": "KES", "rail": "MPESA", "phone": f"+{phone}", "idempotencyKey": f"{phone}"}
    return (await payer.do(TOP_UP, input=given))["payment"]


async def prompted(driver: Caller, payment: Any) -> Any:
    for _ in range(200):
        for prompt in (await driver.run(PROMPTS))["mpesaPrompts"]:
            if prompt["reference"] == payment["mpesa"]["reference"]:
                return prompt
        await asyncio.sleep(0.05)
    raise AssertionError("no prompt came")


async def unanswered(driver: Caller, payer: Caller) -> tuple[Any, Any]:
    """A payment and its prompt, which nobody answers until somebody drives."""
    await drive(driver, ANSWER, input={"fault": "TIMEOUT"})
    payment = await asked(payer)
    return payment, await prompted(driver, payment)


async def callbacks_of(driver: Caller, payment: Any, *, at_least: int) -> int:
    for _ in range(100):
        if (count := (await prompted(driver, payment))["callbacks"]) >= at_least:
            return int(count)
        await asyncio.sleep(0.05)
    raise AssertionError(f"called back {count} times")


async def test_two_processes_and_the_rails_servers_show_the_same_time(
    market: Market, http: aiohttp.ClientSession, driver: Caller
) -> None:
    other = driver.at(market.urls["b"])
    before = await now_at(driver)

    after = await advance(driver, HOUR)

    assert timedelta(seconds=HOUR) <= after - before < timedelta(seconds=HOUR + 5)
    assert timedelta(0) <= await now_at(other) - after < timedelta(seconds=2)
    for server in (market.daraja, f"{market.acquirers}/stripe"):
        async with http.post(f"{server}/sandbox/clock", json={"ahead_seconds": 0}) as response:
            theirs = datetime.fromisoformat((await response.json())["now"])
        assert abs(theirs - await now_at(driver)) < timedelta(seconds=2)


async def test_a_process_that_starts_later_shows_it_too(
    market: Market, driver: Caller, http: aiohttp.ClientSession
) -> None:
    await advance(driver, HOUR)

    market.kill("b")
    market.start_api("b")
    await market.until_ready("b")

    assert abs(await now_at(driver.at(market.urls["b"])) - await now_at(driver)) < timedelta(seconds=1)


async def test_a_prompt_is_answered_when_somebody_says_so(driver: Caller, payer: Caller) -> None:
    payment, prompt = await unanswered(driver, payer)
    assert prompt == {
        "checkoutId": prompt["checkoutId"],
        "reference": payment["mpesa"]["reference"],
        "amount": {"amount": "1293.00", "asset": "KES"},
        "code": "0",
        "decidedAt": None,
        "callbacks": 0,
    }

    answered = await drive(driver, ANSWER, input={"checkoutId": prompt["checkoutId"], "code": "1032"})

    assert answered["prompt"]["code"] == "1032"
    assert (await ended(payer, payment["id"]))["state"] == "CANCELLED"
    assert await balance(payer, "KES") == "0.00"
    again = next(iter((await driver.run(ANSWER, input={"checkoutId": prompt["checkoutId"]})).values()))
    assert again == {"prompt": None, "errors": [{"code": "CONFLICT_ERROR", "reason": "PROMPT_ANSWERED"}]}


async def test_a_callback_that_comes_twice_and_once_more_pays_once(driver: Caller, payer: Caller) -> None:
    payment, prompt = await unanswered(driver, payer)

    await drive(driver, ANSWER, input={"checkoutId": prompt["checkoutId"], "fault": "DUPLICATE"})
    assert (await ended(payer, payment["id"]))["state"] == "PAID"
    assert await callbacks_of(driver, payment, at_least=2) == 2
    await drive(driver, ANSWER, input={"checkoutId": prompt["checkoutId"], "fault": "DUPLICATE"})
    assert await callbacks_of(driver, payment, at_least=3) == 3
    await asyncio.sleep(0.5)

    assert await balance(payer, "KES") == "1293.00"


async def test_nobody_answers_for_a_day_and_the_money_that_comes_later_is_the_payers(
    market: Market, http: aiohttp.ClientSession, driver: Caller
) -> None:
    address = "late@flows.sokoni.example"
    await drive(driver, ANSWER, input={"fault": "LATE", "lateSeconds": DAY + 2 * HOUR})
    payment = await asked(await back(market, http, address))
    assert (await prompted(driver, payment))["callbacks"] == 0

    for _ in range(25):  # an hour at a time, as the provider is asked
        await advance(driver, HOUR)
    later = await back(market, http, address)
    assert (await ended(later, payment["id"]))["state"] == "EXPIRED"
    assert await balance(later, "KES") == "0.00"
    await advance(driver, 2 * HOUR)
    assert await callbacks_of(driver, payment, at_least=1) == 1

    latest = await back(market, http, address)
    for _ in range(100):
        if await balance(latest, "KES") != "0.00":
            break
        await asyncio.sleep(0.05)
    assert await balance(latest, "KES") == "1293.00"
    assert (await latest.run(PAYMENT, id=payment["id"]))["state"] == "EXPIRED"


async def back(market: Market, http: aiohttp.ClientSession, address: str) -> Caller:
    """The person of an address with a token of today."""
    caller = Caller(http, market.urls["a"])
    return Caller(http, market.urls["a"], (await sign_in(market, caller, address))["accessToken"])


async def test_a_provider_that_is_away_is_asked_again_when_it_is_back(driver: Caller, payer: Caller) -> None:
    await drive(driver, DOWN, seconds=10 * 60)
    payment = await asked(payer)
    await asyncio.sleep(1.0)
    assert (await payer.run(PAYMENT, id=payment["id"]))["state"] in ("REQUESTED", "AWAITING_PAYER")
    assert await balance(payer, "KES") == "0.00"

    await advance(driver, 10 * 60)

    state = (await ended(payer, payment["id"]))["state"]
    assert state == "PAID"
    assert await balance(payer, "KES") == "1293.00"


async def test_a_card_is_charged_by_events_of_the_sandboxs_time(driver: Caller, payer: Caller) -> None:
    await advance(driver, 10 * 60)  # further than a signature may be old
    given = {"amount": {"amount": "129.30", "asset": "USD"}, "into": "USD", "rail": "CARD", "idempotencyKey": "card"}
    payment = (await payer.do(TOP_UP, input=given))["payment"]

    assert (await ended(payer, payment["id"]))["state"] == "PAID"


async def checkout_of(payer: Caller, payment: Any, state: str) -> Any:
    for _ in range(200):
        checkout = (await payer.run(CHECKOUT, id=payment["id"]))["checkout"]
        if checkout["providerReference"] and checkout["state"] == state:
            return checkout
        await asyncio.sleep(0.05)
    raise AssertionError(f"it is {checkout}")


async def test_a_card_is_shown_when_somebody_says_so(driver: Caller, payer: Caller) -> None:
    await drive(driver, CARD, input={"fault": "TIMEOUT"})
    given = {"amount": {"amount": "30.00", "asset": "USD"}, "into": "USD", "rail": "CARD", "idempotencyKey": "shown"}
    payment = (await payer.do(TOP_UP, input=given))["payment"]
    checkout = await checkout_of(payer, payment, "OPEN")
    reference = checkout["providerReference"]

    await drive(driver, CARD, input={"checkoutId": reference, "card": "HAS_TOO_LITTLE"})
    for _ in range(100):
        if (await payer.run(CHECKOUT, id=payment["id"]))["checkout"]["decline"]:
            break
        await asyncio.sleep(0.05)
    await drive(driver, CARD, input={"checkoutId": reference, "card": "ASKS_THE_BANK"})
    await checkout_of(payer, payment, "AUTHENTICATING")
    assert "USD" not in {wallet["available"]["asset"] for wallet in (await payer.run(BALANCES))["wallets"]}
    await drive(driver, CARD, input={"checkoutId": reference, "fault": "DUPLICATE"})

    assert (await ended(payer, payment["id"]))["state"] == "PAID"
    assert await balance(payer, "USD") == "30.00"
    again = await driver.run(CARD, input={"checkoutId": reference})
    assert again == {"cardAnswer": {"errors": [{"code": "CONFLICT_ERROR", "reason": "CHECKOUT_ANSWERED"}]}}
    nobody = await driver.run(CARD, input={"checkoutId": "pi_nobody"})
    assert nobody == {"cardAnswer": {"errors": [{"code": "NOT_FOUND", "reason": None}]}}


async def test_an_acquirer_that_is_away_is_asked_again_when_it_is_back(driver: Caller, payer: Caller) -> None:
    await drive(driver, DOWN.replace("MPESA", "CARD"), seconds=60)
    given = {"amount": {"amount": "20.00", "asset": "USD"}, "into": "USD", "rail": "CARD", "idempotencyKey": "away"}
    payment = (await payer.do(TOP_UP, input=given))["payment"]
    await asyncio.sleep(1.0)
    assert (await payer.run(PAYMENT, id=payment["id"]))["state"] == "REQUESTED"

    for _ in range(3):
        await advance(driver, 120)
    assert (await ended(payer, payment["id"]))["state"] == "PAID"
    assert await balance(payer, "USD") == "20.00"


async def test_a_token_expires_by_the_clock_and_its_socket_is_closed(
    market: Market, http: aiohttp.ClientSession, driver: Caller
) -> None:
    payer = await come_in(market, http)
    async with payer.at(market.urls["b"]).socket() as socket:
        wallet = await socket.listen(WALLET_EVENTS, id=payer.wallets["KES"])
        await wallet.next()

        await advance(driver, 16 * 60)
        with pytest.raises(SocketClosed, match="token expired"):
            await wallet.next()

    answer = await payer.ask("{ viewer { user { id } } }")
    assert answer["errors"][0]["extensions"]["code"] == "AUTHENTICATION_ERROR"
    assert (await come_in(market, http)).token


async def test_commands_of_one_document_are_carried_out_in_their_order(driver: Caller) -> None:
    document = """
      mutation { sandbox {
        first: clockAdvance(input: {seconds: 60}) { now }
        second: clockAdvance(input: {seconds: 600}) { now }
        third: clockAdvance(input: {seconds: 6000}) { now } } }
    """
    before = await now_at(driver)

    said = await driver.run(document)

    steps = [datetime.fromisoformat(said[name]["now"]) - before for name in ("first", "second", "third")]
    assert [round(step.total_seconds() / 60) for step in steps] == [1, 11, 111]


@pytest.mark.parametrize(
    ("field", "given", "path"),
    [
        ("clockAdvance", "seconds: 0", ["seconds"]),
        ("clockAdvance", "seconds: -60", ["seconds"]),
        ("clockAdvance", "seconds: 2678401", ["seconds"]),
        ("providerDown", "rail: BANK_TRANSFER, seconds: 60", ["rail"]),
        ("providerDown", "rail: MPESA, seconds: 86401", ["seconds"]),
        ("mpesaAnswer", 'code: "0; drop"', ["code"]),
        ("mpesaAnswer", 'code: ""', ["code"]),
        ("mpesaAnswer", "fault: LATE, lateSeconds: 0", ["lateSeconds"]),
    ],
)
async def test_what_cannot_be_done_is_refused_and_nothing_moves(
    driver: Caller, field: str, given: str, path: list[str]
) -> None:
    before, machine = await now_at(driver), datetime.now(UTC)

    said = await driver.run(f"mutation {{ sandbox {{ {field}(input: {{{given}}}) {{ errors {{ code path }} }} }} }}")

    assert said == {field: {"errors": [{"code": "VALIDATION_ERROR", "path": path}]}}
    assert await now_at(driver) - before < datetime.now(UTC) - machine + timedelta(seconds=1)


async def test_a_prompt_of_nobody_is_refused(driver: Caller) -> None:
    said = await driver.run(ANSWER, input={"checkoutId": "ws_CO_../../x?y"})

    assert said == {"mpesaAnswer": {"prompt": None, "errors": [{"code": "NOT_FOUND", "reason": None}]}}
