"""Everything that people, finance and rails do with money, done at random and several things at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Final, TypeVar

from db.reads.payments import payment_by_id
from domain.errors import Conflict, DomainError, GatewayFault
from domain.fulfilment import receive_payment
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.blocking import block_user, unblock_user
from domain.identity.errors import UserNotBlocked
from domain.identity.roles import Role
from domain.ids import PaymentId, new_id
from domain.ledger import chart
from domain.merchants.merchant import Merchant
from domain.merchants.onboarding import suspend_merchant, verify_merchant
from domain.money import Asset, Money
from domain.orders.awaiting import cancel_order
from domain.orders.order import Order
from domain.payments.bank_transfers import reject_bank_transfer, verify_bank_transfer
from domain.payments.cancelling import cancel_payment
from domain.payments.intent import PaymentIntent
from domain.payments.requesting import Way
from domain.payments.state import Rail as Rails
from domain.payouts.outcome import Failed, Outcome, Paid, Unknown
from domain.payouts.payout import Payout
from domain.payouts.review import reject_payout
from domain.payouts.settling import settle_payout
from domain.payouts.state import PayoutRail
from domain.products.product import Product
from domain.refunds.refunding import create_refund, refund_order
from domain.tips.giving import ByWorker, give_tip, promise_tip
from domain.tips.worker import Worker
from domain.wallets.conversion import Quoted
from domain.wallets.transferring import ToPerson, transfer_between_people
from jobs.expire_payments import expire_overdue_payments
from jobs.follow_payments import follow_payments
from jobs.parts import Parts
from jobs.send_payouts import ask_payouts, send_payouts
from tests.commands import Commands
from tests.jobs.life_by_phone import call_back, push
from tests.makers.conversion import execute, make_quote, observe
from tests.makers.orders import buy, make_merchant, make_product, reserve
from tests.makers.payments import ACCOUNT, make_top_up, prove
from tests.makers.payouts import TERMS as EVERYDAY
from tests.makers.payouts import approve, export, make_payee, make_payout, show_pin
from tests.makers.people import make_person
from tests.makers.tips import make_worker
from tests.makers.wallets import kes, points, usdt

T = TypeVar("T")
TERMS: Final = replace(EVERYDAY, day_limit=Money(10**12, Asset.USDT))
PRICES: Final = (points(300), kes(38_800), usdt(2_500_001))
ASSETS: Final = (Asset.POINTS, Asset.USDT, Asset.KES, Asset.EUR)
AT_ONCE: Final = 5
RECEIPTS: Final = 12
"""So few numbers of receipts that many come again."""


class RefusedWithoutWords(AssertionError):
    """Something else than a refusal ended what somebody did."""


class RailBroke(Exception):
    """A fault of ours while a rail was asked."""


@dataclass
class Rail:
    """A rail that pays for a name or does not, and may say nothing, or break, either way."""

    random: Random
    paid: Counter[str] = field(default_factory=Counter)
    refused: set[str] = field(default_factory=set)
    is_honest: bool = False

    async def send(self, payout: Payout, *, destination: str) -> Outcome:
        """What it does is certain; what it says is not."""
        name = str(payout.sent_as)
        if self.random.random() < 0.6:
            self.paid[name] += 1
        else:
            self.refused.add(name)
        return await self.ask(payout, destination=destination)

    async def ask(self, payout: Payout, *, destination: str) -> Outcome:
        """The truth, nothing, or a fault."""
        await asyncio.sleep(0)
        name = str(payout.sent_as)
        match 1.0 if self.is_honest else self.random.random():
            case luck if luck < 0.15:
                return Unknown()
            case luck if luck < 0.3:
                raise GatewayFault("rail", "500", "down")
            case luck if luck < 0.4:
                raise RailBroke
        return Paid(f"R-{name}") if name in self.paid else Failed("REFUSED")


@dataclass
class Life:
    """A small market: four people, two clerks, a seller, and what they have done so far."""

    commands: Commands
    gateways: Gateways
    parts: Parts
    random: Random
    people: list[Actor]
    clerks: list[Actor]
    seller: Actor
    merchant: Merchant
    worker: Worker
    products: list[Product]
    rail: Rail
    payments: list[tuple[Actor, PaymentIntent]] = field(default_factory=list)
    quotes: list[tuple[Actor, Quoted]] = field(default_factory=list)
    phones: dict[PaymentId, str] = field(default_factory=dict)
    asked: list[PaymentId] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    payouts: list[Payout] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)

    async def step(self) -> None:
        """Some things at once; whatever the market refuses, it refuses in words."""
        names = self.random.choices(tuple(DEEDS), tuple(weight for weight, _ in DEEDS.values()), k=AT_ONCE)
        ends = await asyncio.gather(
            *(DEEDS[name][1](self) for name in names[: self.random.randint(1, AT_ONCE)]), return_exceptions=True
        )
        for name, end in zip(names, ends, strict=False):
            if isinstance(end, BaseException) and not isinstance(end, DomainError | RailBroke):
                raise RefusedWithoutWords(name) from end
            self.ends[f"{name}: {type(end).__name__ if end else 'done'}"] += 1

    async def top_up(self) -> None:
        who = self.random.choice(self.people)
        amount = Money(self.random.randint(500, 400_000), self.random.choice((Asset.KES, Asset.EUR)))
        into = self.random.choice((*ASSETS, amount.asset))
        self.payments.append((who, (await make_top_up(self.commands, who, amount, into)).intent))

    async def order_by_rail(self) -> None:
        who = self.random.choice(self.people)
        product = self.products[1] if self.random.random() < 0.7 else self.random.choice(self.products)
        way, phone = self._way()
        order = await reserve(self.commands, who, product.id, product.price, way)
        assert order.payment_id is not None
        await self._waits(who, order.payment_id, phone)
        self.orders.append(order)

    async def tip_by_rail(self) -> None:
        who, (way, phone) = self.random.choice(self.people), self._way()
        shillings = Money(self.random.randint(1, 90) * 100, Asset.KES)
        async with self.commands.by(who) as uow:
            tip = await promise_tip(
                uow, self.gateways, to=ByWorker(self.worker.id), amount=shillings, note=None, way=way
            )
        assert tip.payment_id is not None
        await self._waits(who, tip.payment_id, phone)

    async def tip(self) -> None:
        async with self.commands.by(self.random.choice(self.people)) as uow:
            amount = Money(self.random.randint(1, 90) * 100, Asset.KES)
            await give_tip(uow, self.gateways, to=ByWorker(self.worker.id), amount=amount, note=None)

    async def push(self) -> None:
        self.asked.extend(await push(self.commands, self.random))

    async def call_back(self) -> None:
        payment_id = self._one(self.asked[-6:] if self.random.random() < 0.8 else self.asked)
        intent, phone = next((one, self.phones[one.id]) for _, one in self.payments if one.id == payment_id)
        await call_back(self.commands, self.random, intent, phone=phone)

    async def cancel_order(self) -> None:
        order = self._one(self.orders)
        who = next(person for person in self.people if person.user_id == order.buyer_id)
        async with self.commands.by(who) as uow:
            await cancel_order(uow, order_id=order.id)

    async def suspend(self) -> None:
        async with self.commands.by(self._clerk()) as uow:
            if self.random.random() < 0.35:
                await suspend_merchant(uow, merchant_id=self.merchant.id, reason="Complaints")
            else:
                await verify_merchant(uow, merchant_id=self.merchant.id, reason="Cleared")

    async def prove(self) -> None:
        who, intent = self._one(self.payments)
        await prove(self.commands, who, intent.id)

    async def cancel(self) -> None:
        who, intent = self._one(self.payments)
        async with self.commands.by(who) as uow:
            await cancel_payment(uow, payment_id=intent.id)

    async def verify(self) -> None:
        _, intent = self._one(self.payments)
        number = f"FT{self.random.randint(1, RECEIPTS)}" if self.random.random() < 0.2 else f"FT{new_id().hex}"
        amount = intent.amount if self.random.random() < 0.9 else Money(intent.amount.minor + 1, intent.amount.asset)
        async with self.commands.by(self._clerk()) as uow:
            receipt = await verify_bank_transfer(uow, payment_id=intent.id, amount=amount, statement_reference=number)
            await receive_payment(uow, receipt)

    async def reject(self) -> None:
        _, intent = self._one(self.payments)
        async with self.commands.by(self._clerk()) as uow:
            await reject_bank_transfer(uow, payment_id=intent.id, reason="Not on the statement")

    async def send(self) -> None:
        sender, recipient = self.random.choices(self.people, k=2)
        asset = self.random.choice(ASSETS)
        source = chart.user_wallet(sender.user_id, asset).wallet_id
        assert source is not None
        async with self.commands.by(sender) as uow:
            await transfer_between_people(
                uow,
                from_wallet_id=source,
                recipient=ToPerson(recipient.user_id),
                amount=self._some(asset),
                note=None,
                key=f"k{self.random.randint(1, 40)}",
            )

    async def quote(self) -> None:
        who, (given, into) = self.random.choice(self.people), self.random.sample(ASSETS, 2)
        self.quotes.append((who, await make_quote(self.commands, who, self._some(given), into)))

    async def execute(self) -> None:
        if self.random.random() < 0.5:
            await self.quote()
        who, quoted = self._one(self.quotes[-3:])
        await execute(self.commands, who if self.random.random() < 0.9 else self.random.choice(self.people), quoted)

    async def order(self) -> None:
        product = self.random.choice(self.products)
        who = self.random.choice((*self.people, self.seller))
        self.orders.append(await buy(self.commands, who, product.id, product.price))

    async def refund(self) -> None:
        order, who = self._one(self.orders), self.random.choice((self.seller, self._clerk(), *self.people))
        async with self.commands.by(who) as uow:
            await refund_order(uow, order_id=order.id, reason="It did not work.")

    async def refund_a_part(self) -> None:
        order = self._one(self.orders)
        part = Money(self.random.randrange(1, order.price.minor + 1), order.price.asset)
        async with self.commands.by(self._clerk()) as uow:
            await create_refund(uow, order_id=order.id, amount=part, reason="It worked in part.")

    async def ask_for_payout(self) -> None:
        who, rail = self.random.choice(self.people), self.random.choice(tuple(PayoutRail))
        amount = self._some(self.random.choice((Asset.KES, Asset.EUR)))
        self.payouts.append(await make_payout(self.commands, self.gateways, who, amount, rail=rail, terms=TERMS))

    async def approve(self) -> None:
        await approve(self.commands, self._clerk(), self._one(self.payouts[-4:]))

    async def export(self) -> None:
        asset = self.random.choice((Asset.KES, Asset.EUR))
        await export(self.commands, self.gateways, self._clerk(), asset=asset)

    async def keep(self) -> None:
        async with self.commands.by(self._clerk()) as uow:
            await reject_payout(uow, payout_id=self._one(self.payouts).id, reason="Not today")

    async def settle(self) -> None:
        by_bank = [payout for payout in self.payouts if payout.rail is PayoutRail.BANK_TRANSFER]
        outcome: Paid | Failed = (
            Paid(f"FT{self.random.randrange(30)}") if self.random.random() < 0.6 else Failed("No such account")
        )
        async with self.commands.by(self._clerk()) as uow:
            await settle_payout(uow, payout_id=self._one(by_bank).id, outcome=outcome, reason="Statement")

    async def run_jobs(self) -> None:
        rails = replace(self.parts, sealer=self.gateways.sealer, payout_senders={PayoutRail.SANDBOX: self.rail})
        for job in (send_payouts, ask_payouts, expire_overdue_payments, follow_payments):
            await job(rails)

    async def pass_time(self) -> None:
        minutes = self.random.choice((0.5, 0.5, 3, 3, 20, 73 * 60))
        self.commands.later(timedelta(minutes=minutes))
        if self.random.random() < 0.9:
            await observe(self.commands)
        for who in self.people:
            await show_pin(self.commands, who)

    async def block(self) -> None:
        who = self.random.choice(self.people)
        async with self.commands.by_system() as uow:
            await block_user(uow, user_id=who.user_id, reason="Fraud", until=None)

    async def unblock(self) -> None:
        for who in self.people:
            with suppress(UserNotBlocked):
                async with self.commands.by_system() as uow:
                    await unblock_user(uow, user_id=who.user_id, reason="Cleared")

    def _way(self) -> tuple[Way, str]:
        phone = f"+2547{self.random.randint(0, 99_999_999):08}"
        rail = self.random.choice((Rails.BANK_TRANSFER, Rails.MPESA, Rails.MPESA))
        return Way(rail=rail, open_rails=frozenset(Rails), bank_account=ACCOUNT, phone=phone), phone

    async def _waits(self, who: Actor, payment_id: PaymentId, phone: str) -> None:
        async with self.commands.database.read() as connection:
            payment = await payment_by_id(connection, payment_id)
        assert payment is not None
        self.phones[payment_id] = phone
        self.payments.append((who, payment.intent))

    def _clerk(self) -> Actor:
        return self.random.choice(self.clerks)

    def _one(self, done: list[T]) -> T:
        if not done:
            raise NothingYet
        return self.random.choice(done)

    def _some(self, asset: Asset) -> Money:
        return Money(self.random.choice((1, 150, 700, 20_000, 1_000_000)), asset)


class NothingYet(Conflict):
    """Nobody did what this is about."""

    def __init__(self) -> None:
        super().__init__("Nothing to do this to.")


Deed = Callable[[Life], Awaitable[None]]
DEEDS: Final[Mapping[str, tuple[int, Deed]]] = {
    "top_up": (6, Life.top_up),
    "prove": (2, Life.prove),
    "cancel": (1, Life.cancel),
    "verify": (10, Life.verify),
    "reject": (1, Life.reject),
    "send": (6, Life.send),
    "quote": (5, Life.quote),
    "execute": (6, Life.execute),
    "order": (7, Life.order),
    "order_by_rail": (6, Life.order_by_rail),
    "tip_by_rail": (5, Life.tip_by_rail),
    "tip": (4, Life.tip),
    "push": (8, Life.push),
    "call_back": (12, Life.call_back),
    "cancel_order": (2, Life.cancel_order),
    "suspend": (4, Life.suspend),
    "refund": (2, Life.refund),
    "refund_a_part": (3, Life.refund_a_part),
    "ask_for_payout": (6, Life.ask_for_payout),
    "approve": (6, Life.approve),
    "export": (6, Life.export),
    "keep": (1, Life.keep),
    "settle": (4, Life.settle),
    "run_jobs": (5, Life.run_jobs),
    "pass_time": (3, Life.pass_time),
    "block": (1, Life.block),
    "unblock": (2, Life.unblock),
}


async def make_life(commands: Commands, gateways: Gateways, parts: Parts, *, seed: int) -> Life:
    """A market in which nobody has anything yet."""
    commands.quotas = replace(commands.quotas, payout_requests_per_day=None)
    await observe(commands)
    random = Random(seed)
    seller = await make_payee(commands)
    merchant = await make_merchant(commands, seller)
    people = [await make_payee(commands) for _ in range(4)]
    return Life(
        commands=commands,
        gateways=gateways,
        parts=parts,
        random=random,
        people=people,
        clerks=[await make_person(commands, Role.FINANCE) for _ in range(2)],
        seller=seller,
        merchant=merchant,
        worker=await make_worker(commands, people[0]),
        products=[
            await make_product(commands, gateways, seller, merchant, price, stock=count)
            for price, count in zip(PRICES, (30, 12, 30), strict=True)
        ],
        rail=Rail(random),
    )
