"""The real adapter against a Stripe-shaped server over HTTP: what is done, refused, put off, and not known."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from aiohttp import web

from domain.money import Asset, Money
from domain.payments.acquirer import (
    AcquirerAnswer,
    AcquirerBusy,
    AcquirerRefused,
    AcquirerUnknown,
    CheckoutOrder,
    CheckoutView,
)
from domain.payments.checkout_state import CheckoutState
from integrations.outbound_http import FAILURES_UNTIL_OPEN, OutboundHttp
from integrations.sandbox.caller import Caller
from integrations.sandbox.stripe import CardBehaviour, StripeSandbox
from integrations.stripe.payment_intents import StripeCards
from tests.daraja import serving
from tests.makers.checkouts import PATIENCE, make_stripe_account

NOON = datetime(2026, 11, 20, 12, 0, 0, 999_999, tzinfo=UTC)
ORDER = CheckoutOrder(name="SK0123456789-1", attempt=1, reference="SK0123456789", amount=Money(1_299, Asset.EUR))


class Noon:
    def now(self) -> datetime:
        return NOON


@dataclass
class Stripe:
    url: str
    server: StripeSandbox
    cards: StripeCards


@pytest.fixture
async def stripe() -> AsyncIterator[Stripe]:
    server = StripeSandbox("sk_test_desk", "pk", "whsec", Caller("http://127.0.0.1:9/callbacks"), now=Noon().now)
    server.usual = CardBehaviour(pays_with=None)
    async with serving(server.application()) as url:
        yield Stripe(url, server, make_cards(url))


def make_cards(url: str, *, secret_key: str = "sk_test_desk") -> StripeCards:
    http = OutboundHttp("stripe", timeout=PATIENCE, attempts=1)
    return StripeCards(replace(make_stripe_account(url), secret_key=secret_key), clock=Noon(), http=http)


def opened(answer: AcquirerAnswer) -> CheckoutView:
    assert isinstance(answer, CheckoutView)
    return answer


async def test_what_is_opened_is_known_and_may_be_confirmed(stripe: Stripe) -> None:
    view = opened(await stripe.cards.open(ORDER))

    (intent,) = stripe.server.intents.values()
    assert view == CheckoutView(
        provider_id=intent.id,
        reference="SK0123456789",
        state=CheckoutState.OPEN,
        amount=Money(1_299, Asset.EUR),
        told_at=NOON.replace(microsecond=0),
        public_key="pk",
        secret=intent.client_secret,
    )


async def test_the_same_name_is_opened_once(stripe: Stripe) -> None:
    first, again = opened(await stripe.cards.open(ORDER)), opened(await stripe.cards.open(ORDER))

    assert (first, stripe.server.creations) == (again, 1)


async def test_the_same_name_for_another_sum_is_ours_to_mend(stripe: Stripe) -> None:
    await stripe.cards.open(ORDER)

    refused = await stripe.cards.open(replace(ORDER, amount=Money(1_300, Asset.EUR)))

    assert refused == AcquirerRefused("idempotency_error", is_ours=True)
    assert stripe.server.creations == 1


@pytest.mark.parametrize(
    ("answer", "outcome", "creations"),
    [
        ("busy", AcquirerBusy("rate_limit"), 0),
        ("internal", AcquirerUnknown("api_error", is_kept=True), 0),
        ("internal-accepted", AcquirerUnknown("api_error", is_kept=True), 1),
        ("slow", AcquirerUnknown("NO_ANSWER"), 1),
    ],
)
async def test_what_is_not_done_or_not_known(
    stripe: Stripe, answer: str, outcome: AcquirerAnswer, creations: int
) -> None:
    stripe.server.next(answer=answer, slow_seconds=1.0)

    assert await stripe.cards.open(ORDER) == outcome
    assert stripe.server.creations == creations


async def test_one_under_way_is_not_opened_a_second_time(stripe: Stripe) -> None:
    stripe.server.next(answer="slow", slow_seconds=0.4)

    slow = asyncio.create_task(stripe.cards.open(ORDER))
    await asyncio.sleep(0.1)
    assert await stripe.cards.open(ORDER) == AcquirerBusy("idempotency_key_in_use")

    assert isinstance(await slow, CheckoutView)
    assert stripe.server.creations == 1


async def test_a_fault_is_kept_for_its_name_alone(stripe: Stripe) -> None:
    stripe.server.next(answer="internal")
    await stripe.cards.open(ORDER)

    assert await stripe.cards.open(ORDER) == AcquirerUnknown("api_error", is_kept=True)
    assert isinstance(await stripe.cards.open(replace(ORDER, name="SK0123456789-2")), CheckoutView)


async def test_wrong_keys_are_ours_to_mend(stripe: Stripe) -> None:
    refused = await make_cards(stripe.url, secret_key="other").open(ORDER)

    assert refused == AcquirerRefused("invalid_request_error", is_ours=True)


async def test_too_little_is_refused_with_its_code(stripe: Stripe) -> None:
    assert await stripe.cards.open(replace(ORDER, amount=Money(49, Asset.EUR))) == AcquirerRefused("amount_too_small")


async def test_what_is_open_is_closed_and_what_is_paid_says_so(stripe: Stripe) -> None:
    first = opened(await stripe.cards.open(ORDER))
    second = opened(await stripe.cards.open(replace(ORDER, name="SK0123456789-2")))
    await stripe.server.confirm(stripe.server.intents[second.provider_id], "pm_card_visa")

    closed = opened(await stripe.cards.close(replace(ORDER, provider_id=first.provider_id)))
    paid = opened(await stripe.cards.close(replace(ORDER, provider_id=second.provider_id)))

    assert closed.state is CheckoutState.CLOSED
    assert (paid.state, paid.receipt) == (CheckoutState.PAID, second.provider_id)
    assert opened(await stripe.cards.close(replace(ORDER, provider_id=first.provider_id))).state is CheckoutState.CLOSED


async def test_one_that_is_not_there_is_refused(stripe: Stripe) -> None:
    assert await stripe.cards.look(replace(ORDER, provider_id="pi_none")) == AcquirerRefused("resource_missing")


async def test_nobody_there_is_busy_and_left_alone_for_a_while() -> None:
    cards = make_cards("http://127.0.0.1:9")

    answers = [await cards.open(ORDER) for _ in range(FAILURES_UNTIL_OPEN + 1)]

    assert answers[0] == AcquirerBusy("NOT_SENT")
    assert answers[-1] == AcquirerBusy("CIRCUIT_OPEN")
    assert await cards.look(replace(ORDER, provider_id="pi_1")) == AcquirerUnknown("CIRCUIT_OPEN")


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"object": "payment_intent"}', b'{"id": "pi_1"}'])
async def test_an_answer_that_says_nothing_is_not_known(body: bytes) -> None:
    async def strange(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    application = web.Application()
    application.router.add_post("/v1/payment_intents", strange)
    async with serving(application) as url:
        assert await make_cards(url).open(ORDER) == AcquirerUnknown("UNREADABLE")


async def test_neither_keys_nor_secrets_are_logged(stripe: Stripe) -> None:
    written = io.StringIO()
    with redirect_stdout(written):
        view = opened(await stripe.cards.open(ORDER))
        await make_cards("http://127.0.0.1:9", secret_key="sk_live_secret").open(ORDER)

    assert "not_reached" in written.getvalue()
    assert "sk_live_secret" not in written.getvalue()
    assert str(view.secret) not in written.getvalue()
