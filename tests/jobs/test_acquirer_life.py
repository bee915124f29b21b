"""Payments by acquirers through random faults: what was taken there is booked here, once, and everything ends."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from db.reads.ledger import balance_of
from domain.identity.actor import Actor
from domain.ids import PaymentId
from domain.ledger import chart
from domain.payments.errors import PaymentAlreadyEnded
from integrations.sandbox.razorpay_bodies import BAD, GOOD
from tests.makers.checkouts import CardDesk, Desk, Dying, PayPalDesk, PowerCut, RazorpayDesk
from tests.makers.mpesa import make_payer
from tests.makers.wallets import verified

STEPS = 40
SEEDS = range(5)
CARDS = ("pm_card_visa", "pm_card_authenticationRequired", "pm_card_visa_chargeDeclined", "pm_sandbox_processing")
ANSWERS = ("ok", "ok", "internal", "internal-accepted", "busy")


@dataclass
class Life:
    """One market for a few days, in which everything may happen at every time."""

    desk: Desk
    chance: random.Random
    payer_acts: Callable[[], Awaitable[None]]
    taken: Callable[[], int]
    prepare: Callable[[], None]
    payers: dict[PaymentId, Actor] = field(default_factory=dict)

    async def step(self) -> None:
        """One thing happens."""
        happens = self.chance.choice(
            (self._ask, self.payer_acts, self.payer_acts, self._work, self._work, self._die, self._repeat, self._cancel)
        )
        await happens()
        if self.chance.random() < 0.6:
            await self.desk.take_in()
        if self.chance.random() < 0.3:
            await self.desk.run_everything()
        self.desk.later(seconds=self.chance.choice((0, 1, 30, 61, 600)))

    async def end(self) -> None:
        """Days go by."""
        for _ in range(60):
            await self.desk.run_everything()
            self.desk.later(hours=1)
        await self.desk.run_everything()

    async def _ask(self) -> None:
        self.prepare()
        payer = await make_payer(self.desk.commands)
        self.payers[await self.desk.ask(payer)] = payer

    async def _work(self) -> None:
        await self.desk.work()

    async def _die(self) -> None:
        try:
            await self.desk.work(Dying(self.desk.acquirer, is_called=self.chance.random() < 0.5))
        except PowerCut:
            await self.desk.take_in()

    async def _repeat(self) -> None:
        if self.desk.caller.sent:
            sent = self.chance.choice(self.desk.caller.sent)
            await self.desk.arrive(sent.headers, sent.body)

    async def _cancel(self) -> None:
        if self.payers:
            payment = self.chance.choice(list(self.payers))
            try:
                await self.desk.cancel(self.payers[payment], payment)
            except PaymentAlreadyEnded:
                return

    async def require_sound(self) -> None:
        """Nothing is lost, doubled or open."""
        asset = self.desk.sum.asset
        async with self.desk.commands.database.read() as connection:
            credited = [
                (await balance_of(connection, chart.user_wallet(payer.user_id, asset))).minor
                for payer in self.payers.values()
            ]
        assert set(credited) <= {0, self.desk.sum.minor}
        assert sum(credited) == self.taken() * self.desk.sum.minor
        assert await self.desk.bookings() == self.taken()
        assert (await verified(self.desk.commands)).is_sound
        for payment in self.payers:
            assert (await self.desk.state(payment)).is_ended
            assert (await self.desk.checkout(payment)).state.is_ended
        assert {state for state, _ in await self.desk.callbacks()} <= {"TAKEN", "REFUSED"}


@pytest.mark.parametrize("seed", SEEDS)
async def test_cards(cards: CardDesk, seed: int) -> None:
    chance = random.Random(seed)

    async def payer_acts() -> None:
        for intent in chance.sample(list(cards.stripe.intents.values()), min(1, len(cards.stripe.intents))):
            if intent.status == "requires_action":
                await cards.stripe.authenticate(intent, succeeds=chance.random() < 0.5)
            elif intent.is_confirmable and await known(cards, intent.id):
                await cards.stripe.confirm(intent, chance.choice(CARDS), callbacks=chance.choice((0, 1, 2)))
            elif intent.status == "processing":
                intent.status = "succeeded"

    life = Life(
        cards,
        chance,
        payer_acts,
        taken=lambda: sum(intent.status == "succeeded" for intent in cards.stripe.intents.values()),
        prepare=lambda: cards.stripe.next(answer=chance.choice(ANSWERS)),
    )
    await lived(life)


@pytest.mark.parametrize("seed", SEEDS)
async def test_paypal(paypal: PayPalDesk, seed: int) -> None:
    chance = random.Random(seed)

    async def payer_acts() -> None:
        for order in chance.sample(list(paypal.paypal.orders.values()), min(1, len(paypal.paypal.orders))):
            if order.capture_status == "PENDING":
                await paypal.paypal.decide(order, chance.choice(("COMPLETED", "DECLINED")))
            elif await known(paypal, order.id):
                await paypal.paypal.approve(order, callbacks=chance.choice((0, 1, 2)))

    captures = (*ANSWERS, "declined", "pending")
    life = Life(
        paypal,
        chance,
        payer_acts,
        taken=lambda: sum(order.capture_status == "COMPLETED" for order in paypal.paypal.orders.values()),
        prepare=lambda: paypal.paypal.next(
            answer=chance.choice(ANSWERS), captures=chance.choice(captures), callbacks=chance.choice((0, 1, 2))
        ),
    )
    await lived(life)


@pytest.mark.parametrize("seed", SEEDS)
async def test_razorpay(razorpay: RazorpayDesk, seed: int) -> None:
    chance = random.Random(seed)

    async def payer_acts() -> None:
        orders = razorpay.razorpay.orders
        for order in chance.sample(list(orders.values()), min(1, len(orders))):
            if not order.is_paid and await known(razorpay, order.id):
                await razorpay.razorpay.pay(order, chance.choice((GOOD, GOOD, BAD)))

    life = Life(
        razorpay,
        chance,
        payer_acts,
        taken=lambda: sum(order.is_paid for order in razorpay.razorpay.orders.values()),
        prepare=lambda: razorpay.razorpay.next(
            answer=chance.choice(ANSWERS), captures=chance.choice(ANSWERS), callbacks=chance.choice((0, 1, 2))
        ),
    )
    await lived(life)


async def known(desk: Desk, provider_id: str) -> bool:
    """Whether a payer was shown it: nobody pays what nobody was shown."""
    async with desk.commands.by_system() as uow:
        return await uow.checkouts.payment_of_provider_id(desk.rail, provider_id) is not None


async def lived(life: Life) -> None:
    """From the first wish to the last end."""
    for _ in range(STEPS):
        await life.step()
    await life.end()
    await life.require_sound()
