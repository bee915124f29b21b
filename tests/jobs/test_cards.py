"""A payment by card from the wish to the money: what is asked, what its payer sees, and what is refused on the way."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest

from domain.errors import InvalidInput
from domain.identity.actor import Actor
from domain.money import Asset, Money
from domain.payments.checkout_state import CheckoutState
from domain.payments.errors import RailUnavailable
from domain.payments.state import PaymentState
from integrations.sandbox.stripe_bodies import dispute_of, event_of
from tests.makers.checkouts import SUM, CardDesk
from tests.makers.wallets import verified, wallet


async def test_from_the_wish_to_the_points(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer, into=Asset.POINTS)
    await cards.pay()

    shown, checkout = await cards.payment(payment), await cards.checkout(payment)
    assert shown.intent.receipt_number == cards.intent.id == shown.intent.provider_reference
    assert (cards.intent.amount, cards.intent.currency) == (12_930, "usd")
    assert cards.intent.metadata == {"reference": checkout.reference}
    assert await cards.told() == ["REQUESTED", "AWAITING_PAYER", "PAID"]
    assert (checkout.state, checkout.next_call_at, checkout.public_key) == (CheckoutState.PAID, None, "pk")
    assert shown.top_up is not None
    assert (await wallet(cards.commands, payer, Asset.POINTS)).balance == shown.top_up.result
    assert (await verified(cards.commands)).is_sound


async def test_who_must_prove_who_they_are_sees_where(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    await cards.pay("pm_card_authenticationRequired")
    asked = await cards.checkout(payment)
    assert asked.state is CheckoutState.AUTHENTICATING
    assert asked.sealed_url is not None
    url = cards.parts.sealer.unseal(asked.sealed_url, about=f"checkout url {payment}")
    assert url == f"{cards.stripe.url}/sandbox/authentications/{cards.intent.id}"
    await cards.require_nothing_moved()

    await cards.stripe.authenticate(cards.intent)
    await cards.take_in()

    assert await cards.state(payment) is PaymentState.PAID
    await cards.require_paid_once(payer)


async def test_who_fails_to_prove_it_may_try_another_card(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    await cards.pay("pm_card_authenticationRequired")
    cards.later(seconds=5)
    await cards.stripe.authenticate(cards.intent, succeeds=False)
    await cards.take_in()
    failed = await cards.checkout(payment)
    assert (failed.state, failed.decline) == (CheckoutState.OPEN, "payment_intent_authentication_failure")
    cards.later(seconds=5)
    await cards.pay()

    assert await cards.state(payment) is PaymentState.PAID
    await cards.require_paid_once(payer)


@pytest.mark.parametrize(
    ("card", "decline"),
    [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
    ],
)
async def test_a_decline_is_shown_and_ends_nothing_until_it_expires(
    cards: CardDesk, payer: Actor, card: str, decline: str
) -> None:
    payment = await cards.opened(payer)
    await cards.pay(card)

    declined = await cards.checkout(payment)
    assert (declined.state, declined.decline) == (CheckoutState.OPEN, decline)
    assert await cards.state(payment) is PaymentState.AWAITING_PAYER
    cards.later(hours=1)
    await cards.run_everything()
    assert await cards.state(payment) is PaymentState.EXPIRED
    assert cards.intent.status == "canceled"
    assert (await cards.checkout(payment)).state is CheckoutState.CLOSED
    await cards.require_nothing_moved()


@pytest.mark.parametrize("amount", [Money(100_000_000, Asset.USD)])
async def test_more_than_eight_digits_are_refused(cards: CardDesk, payer: Actor, amount: Money) -> None:
    with pytest.raises(InvalidInput):
        await cards.ask(payer, amount)

    assert await cards.commands.events() == []


@pytest.mark.parametrize("amount", [Money(1_000, Asset.POINTS), Money(1_000_000, Asset.USDT)])
async def test_an_asset_that_no_card_pays_is_refused(cards: CardDesk, payer: Actor, amount: Money) -> None:
    with pytest.raises(RailUnavailable):
        await cards.ask(payer, amount)

    assert await cards.commands.events() == []


async def test_what_stripe_refuses_fails_with_its_code(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer, Money(10, Asset.USD))

    intent = (await cards.payment(payment)).intent
    assert (intent.state, intent.failure) == (PaymentState.FAILED, "amount_too_small: The payment was not accepted.")
    assert (await cards.checkout(payment)).state is CheckoutState.REFUSED
    cards.later(hours=2)
    await cards.run_everything()
    assert cards.stripe.creations == 0
    await cards.require_nothing_moved()


async def test_secrets_are_neither_audited_nor_told_nor_kept_in_the_clear(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    await cards.pay("pm_card_authenticationRequired")

    checkout = await cards.checkout(payment)
    assert checkout.sealed_secret is not None
    secret = cards.intent.client_secret
    assert cards.parts.sealer.unseal(checkout.sealed_secret, about=f"checkout secret {payment}") == secret
    left = repr([tuple(row) for row in await cards.commands.trail() + await cards.commands.events()])
    assert "checkouts" in left
    assert secret not in left
    assert secret not in repr(checkout)


def changed(event: dict[str, Any], **changes: Any) -> dict[str, Any]:
    event["data"]["object"].update(changes)
    return event


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"amount_received": 12_929}, "AMOUNT"),
        ({"amount_received": 12_931}, "AMOUNT"),
        ({"currency": "eur"}, "CURRENCY"),
        ({"currency": "jpy"}, "CURRENCY"),
        ({"metadata": {"reference": "SKOTHER00001"}}, "CHECKOUT"),
        ({"id": "pi_of_nobody", "metadata": {}}, "PAYMENT"),
        ({"id": "pi_of_nobody"}, "CHECKOUT"),
        ({"status": "unheard_of"}, "UNREADABLE"),
        ({"id": None}, "UNREADABLE"),
    ],
)
async def test_what_does_not_fit_our_record_moves_nothing(
    cards: CardDesk, payer: Actor, changes: dict[str, Any], why: str
) -> None:
    payment = await cards.opened(payer)
    cards.intent.status = "succeeded"
    await cards.stripe.tell(changed(event_of(cards.intent, at=cards.commands.now), **changes))
    await cards.take_in()

    assert await cards.callbacks() == [("REFUSED", why)]
    assert await cards.state(payment) is PaymentState.AWAITING_PAYER
    await cards.require_nothing_moved()


async def test_the_checkout_of_another_payment_pays_neither(cards: CardDesk, payer: Actor) -> None:
    first = await cards.opened(payer)
    second = await cards.opened(payer)
    one, other = cards.stripe.intents.values()
    one.status = "succeeded"
    await cards.stripe.tell(changed(event_of(one, at=cards.commands.now), metadata=other.metadata))
    await cards.take_in()

    assert [await cards.state(each) for each in (first, second)] == [PaymentState.AWAITING_PAYER] * 2
    await cards.require_nothing_moved()


async def test_what_is_not_signed_is_not_kept(cards: CardDesk, payer: Actor) -> None:
    await cards.opened(payer)
    cards.intent.status = "succeeded"
    event = event_of(cards.intent, at=cards.commands.now)
    await cards.stripe.tell(event, secret="whsec_forged")
    await cards.stripe.tell(event)
    (forged, signed) = cards.caller.sent
    assert [forged.status, signed.status] == [400, 200]
    later = cards.commands.now + timedelta(seconds=301)
    cards.commands.now = later

    assert await cards.arrive(signed.headers, signed.body) == 400
    assert await cards.arrive(signed.headers, signed.body + b" ") == 400
    assert await cards.arrive({}, signed.body) == 400
    assert len(await cards.callbacks()) == 1


async def test_events_that_concern_nobody_are_kept_and_change_nothing(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    event = event_of(cards.intent, at=cards.commands.now) | {"type": "charge.succeeded"}
    await cards.stripe.tell(event)
    await cards.take_in()

    assert await cards.callbacks() == [("TAKEN", "NOT_OURS")]
    assert await cards.state(payment) is PaymentState.AWAITING_PAYER


async def test_a_dispute_is_noted_once_followed_and_moves_nothing(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    await cards.pay("pm_card_createDispute")
    await cards.take_in()
    (noted,) = await cards.disputes()
    assert (noted.payment_id, noted.amount_minor, noted.reason, noted.status) == (
        payment,
        12_930,
        "fraudulent",
        "needs_response",
    )

    opened = orjson.loads(cards.caller.sent[-1].body)
    await cards.stripe.tell(opened)
    cards.later(days=3)
    await cards.stripe.tell(dispute_of(cards.intent, at=cards.commands.now, status="lost", kind="closed"))
    await cards.take_in()
    late = dispute_of(cards.intent, at=cards.commands.now - timedelta(days=1), status="under_review", kind="updated")
    await cards.stripe.tell(late)
    await cards.take_in()

    assert [row.status for row in await cards.disputes()] == ["lost"]
    assert [event.body["status"] for event in await cards.commands.events("payment.disputed")] == [
        "needs_response",
        "lost",
    ]
    await cards.require_paid_once(payer)


async def test_a_dispute_about_nobodys_payment_is_refused(cards: CardDesk, payer: Actor) -> None:
    await cards.opened(payer)
    await cards.stripe.tell(changed(dispute_of(cards.intent, at=cards.commands.now), payment_intent="pi_other"))
    await cards.take_in()

    assert await cards.callbacks() == [("REFUSED", "PAYMENT")]
    assert await cards.disputes() == []


async def test_a_dispute_about_no_money_is_refused_and_not_tried_again(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    await cards.stripe.tell(changed(dispute_of(cards.intent, at=cards.commands.now), amount=0))
    await cards.pay("pm_card_visa")
    await cards.take_in()

    assert await cards.callbacks() == [("REFUSED", "AMOUNT"), ("TAKEN", "PAID")]
    assert await cards.disputes() == []
    assert await cards.state(payment) is PaymentState.PAID


async def test_of_many_workers_one_opens(cards: CardDesk, payer: Actor) -> None:
    await cards.ask(payer)

    await asyncio.gather(*(cards.work() for _ in range(4)))

    assert cards.stripe.creations == 1
    assert cards.sum == SUM


async def test_the_banks_page_is_shown_while_it_is_asked_for(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    await cards.pay("pm_card_authenticationRequired")
    assert (await cards.checkout(payment)).sealed_url is not None
    cards.later(seconds=5)
    await cards.stripe.authenticate(cards.intent, succeeds=False)
    await cards.take_in()

    failed = await cards.checkout(payment)
    assert failed.sealed_url is None
    assert failed.sealed_secret is not None
