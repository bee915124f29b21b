"""A tip by M-Pesa: the worker's once it is paid, and never twice; otherwise the money is whose it was."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest

from db.reads.tips import tip_by_id, tips_of_worker
from domain.errors import DomainError, InvalidInput
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.blocking import block_user
from domain.ids import PaymentId, TipId
from domain.money import Asset, Money
from domain.page import PageRequest
from domain.payments.cancelling import cancel_payment
from domain.payments.errors import PaymentAlreadyEnded, RailUnavailable, TooManyOpenPayments
from domain.payments.requesting import OPEN_MAX, Way
from domain.payments.state import PaymentState, Rail
from domain.tips.errors import OwnTip, WorkerNotActive
from domain.tips.giving import ByWorker, promise_tip
from domain.tips.profile import switch_worker
from domain.tips.tip import Tip, TipState
from domain.tips.worker import Worker
from domain.wallets.errors import RecipientCannotReceive
from tests.makers.mpesa import Till, by_phone
from tests.makers.tips import make_worker
from tests.makers.wallets import kes, make_holder, verified

TIP = kes(5_000)


@dataclass
class TipJar:
    """A till at which a worker is tipped."""

    till: Till
    gateways: Gateways
    giver: Actor
    otieno: Actor
    worker: Worker

    async def promise(self, amount: Money = TIP, *, way: Way | None = None) -> tuple[TipId, PaymentId]:
        """Somebody tips by M-Pesa."""
        async with self.till.commands.by(self.giver) as uow:
            tip = await promise_tip(
                uow, self.gateways, to=ByWorker(self.worker.id), amount=amount, note="Asante", way=way or by_phone()
            )
        assert tip.payment_id is not None
        return tip.id, tip.payment_id

    async def tip(self, tip_id: TipId) -> Tip:
        """As it stands."""
        async with self.till.commands.database.read() as connection:
            tip = await tip_by_id(connection, tip_id)
        assert tip is not None
        return tip

    async def shown_to_worker(self) -> int:
        """How many tips the worker sees."""
        async with self.till.commands.database.read() as connection:
            page = await tips_of_worker(connection, self.worker.id, page=PageRequest(first=50))
        return len(page.items)

    async def states(self) -> list[str]:
        """What was told of tips, in order."""
        return [event.body["state"] for event in await self.till.commands.events("tip.updated")]

    async def require_given_once(self, tip_id: TipId) -> None:
        """The worker has it, by one transfer, and was told once."""
        assert (await self.tip(tip_id)).state is TipState.PAID
        assert await self.till.shillings_of(self.otieno) == TIP.minor
        assert await self.till.shillings_of(self.giver) == 0
        assert await self.till.bookings() == 1
        assert len(await self.till.commands.events("tip.given")) == await self.shown_to_worker() == 1
        assert (await verified(self.till.commands)).is_sound

    async def require_money_is_the_givers(self, tip_id: TipId, state: TipState) -> None:
        """It was not given, and what was paid for it lies in the giver's wallet."""
        assert (await self.tip(tip_id)).state is state
        assert await self.till.shillings_of(self.giver) == TIP.minor
        assert await self.till.shillings_of(self.otieno) == 0
        assert await self.till.bookings() == 1
        assert await self.till.commands.events("tip.given") == []
        assert await self.shown_to_worker() == 0
        assert (await verified(self.till.commands)).is_sound


@pytest.fixture
async def bar(till: Till, payer: Actor, gateways: Gateways) -> TipJar:
    otieno = await make_holder(till.commands)
    return TipJar(till, gateways, payer, otieno, await make_worker(till.commands, otieno))


async def test_it_is_promised_asked_for_and_given_once_paid(bar: TipJar) -> None:
    tip_id, payment_id = await bar.promise()
    assert (await bar.tip(tip_id)).state is TipState.CREATED
    await bar.till.push()
    await bar.till.follow()
    assert (await bar.tip(tip_id)).state is TipState.STK_SENT
    assert await bar.shown_to_worker() == 0
    bar.till.later(minutes=1)

    await bar.till.call_back(bar.till.prompt)
    await bar.till.run_everything()

    await bar.require_given_once(tip_id)
    assert (await bar.tip(tip_id)).given_at == bar.till.commands.now
    assert await bar.till.state(payment_id) is PaymentState.PAID
    assert await bar.states() == ["CREATED", "STK_SENT", "PAID"]
    assert bar.till.prompt.body["Amount"] == 50


async def test_one_shilling_is_enough_and_cents_are_refused(bar: TipJar) -> None:
    await bar.promise(kes(100))
    for amount in (kes(99), kes(150), Money(100, Asset.USD), kes(25_000_100)):
        with pytest.raises(InvalidInput):
            await bar.promise(amount)

    assert len(await bar.till.commands.events("tip.updated")) == 1


@pytest.mark.parametrize(
    ("code", "state"), [("1032", TipState.CANCELLED), ("2001", TipState.FAILED), ("1037", TipState.EXPIRED)]
)
async def test_it_ends_as_its_payment_ends(bar: TipJar, code: str, state: TipState) -> None:
    tip_id, payment_id = await bar.promise()
    await bar.till.push()
    await bar.till.call_back(bar.till.prompt, code=code)
    await bar.till.take_in()

    await bar.till.follow()
    await bar.till.follow()

    tip = await bar.tip(tip_id)
    assert tip.state is state
    assert tip.failure == (await bar.till.payment(payment_id)).intent.failure
    assert await bar.till.bookings() == 0
    assert (await bar.states())[-1] == state.value
    assert await bar.shown_to_worker() == 0


@pytest.mark.parametrize("is_followed", [True, False])
async def test_what_arrives_after_its_end_is_the_givers_and_told(bar: TipJar, is_followed: bool) -> None:
    tip_id, _ = await bar.promise()
    await bar.till.push()
    await bar.till.call_back(bar.till.prompt, code="1037")
    await bar.till.take_in()
    if is_followed:
        await bar.till.follow()

    await bar.till.call_back(bar.till.prompt)
    await bar.till.run_everything()

    await bar.require_money_is_the_givers(tip_id, TipState.EXPIRED)
    assert len(await bar.till.commands.events("payment.arrived_late")) == 1


async def test_a_callback_before_the_answer_and_duplicates_give_once(bar: TipJar) -> None:
    tip_id, _ = await bar.promise()
    bar.till.daraja.next(callback_first=True, callbacks=1)
    await bar.till.push()
    await bar.till.paid_on_phone()
    for number in range(3):
        await bar.till.call_back(bar.till.prompt, ResultDesc=f"again {number}")
    await asyncio.gather(*(bar.till.take_in() for _ in range(3)), bar.till.follow(), bar.till.query())

    await bar.require_given_once(tip_id)


async def test_a_worker_who_was_shut_out_meanwhile_is_given_nothing(bar: TipJar) -> None:
    tip_id, payment_id = await bar.promise()
    await bar.till.push()
    async with bar.till.commands.by_system() as uow:
        await block_user(uow, user_id=bar.otieno.user_id, reason="Fraud", until=None)

    await bar.till.call_back(bar.till.prompt)
    await bar.till.run_everything()

    await bar.require_money_is_the_givers(tip_id, TipState.FAILED)
    assert await bar.till.state(payment_id) is PaymentState.PAID
    [told] = await bar.till.commands.events("payment.credited")
    assert told.body["amount"] == {"asset": "KES", "amountMinor": TIP.minor}
    assert "wallet" in str((await bar.tip(tip_id)).failure)


async def test_a_worker_who_takes_a_break_meanwhile_is_given_it(bar: TipJar) -> None:
    tip_id, _ = await bar.promise()
    await bar.till.push()
    async with bar.till.commands.by(bar.otieno) as uow:
        await switch_worker(uow, is_active=False)

    await bar.till.call_back(bar.till.prompt)
    await bar.till.run_everything()

    await bar.require_given_once(tip_id)
    with pytest.raises(WorkerNotActive):
        await bar.promise()


async def test_a_cancel_and_a_payment_at_once_give_once_or_credit_once(bar: TipJar) -> None:
    ends: Counter[str] = Counter()
    for number in range(6):
        tip_id, payment_id = await bar.promise(way=by_phone(f"+25470837415{number}"))
        await bar.till.push()
        prompt = list(bar.till.daraja.prompts.values())[-1]
        await bar.till.call_back(prompt)

        async def cancel(payment: PaymentId) -> str:
            try:
                async with bar.till.commands.by(bar.giver) as uow:
                    await cancel_payment(uow, payment_id=payment)
            except PaymentAlreadyEnded:
                return "paid"
            return "cancelled"

        said, *_ = await asyncio.gather(cancel(payment_id), bar.till.take_in(), bar.till.follow())
        await bar.till.run_everything()
        assert (await bar.tip(tip_id)).state.value == said.upper()
        ends[said] += 1

    assert await bar.till.shillings_of(bar.otieno) == ends["paid"] * TIP.minor
    assert await bar.till.shillings_of(bar.giver) == ends["cancelled"] * TIP.minor
    assert (await verified(bar.till.commands)).is_sound


async def test_refusals_promise_nothing(bar: TipJar) -> None:
    closed = Way(rail=Rail.MPESA, open_rails=frozenset({Rail.BANK_TRANSFER}), phone="+254708374149")
    no_account = Way(rail=Rail.BANK_TRANSFER, open_rails=frozenset(Rail))
    for way in (closed, no_account):
        with pytest.raises(RailUnavailable):
            await bar.promise(way=way)
    bar.giver, other = bar.otieno, bar.giver
    with pytest.raises(OwnTip):
        await bar.promise()
    bar.giver = other
    async with bar.till.commands.by_system() as uow:
        await block_user(uow, user_id=bar.otieno.user_id, reason="Fraud", until=None)
    with pytest.raises(RecipientCannotReceive):
        await bar.promise()

    await bar.till.run_everything()
    assert bar.till.daraja.prompts == {}
    for name in ("tip.updated", "payment.updated"):
        assert await bar.till.commands.events(name) == []


async def test_a_person_has_ten_payments_open_whatever_they_are_for(bar: TipJar) -> None:
    async def once(number: int) -> str:
        try:
            await bar.promise(way=by_phone(f"+2547083742{number:02}"))
        except DomainError as refusal:
            return type(refusal).__name__
        return "promised"

    ends = Counter(await asyncio.gather(*(once(number) for number in range(OPEN_MAX + 3))))

    assert ends == {"promised": OPEN_MAX, TooManyOpenPayments.__name__: 3}


async def test_a_tip_whose_payment_nobody_makes_expires(bar: TipJar) -> None:
    tip_id, _ = await bar.promise()

    bar.till.commands.later(timedelta(minutes=16))
    await bar.till.run_everything()
    await bar.till.follow()

    assert (await bar.tip(tip_id)).state is TipState.EXPIRED
    assert await bar.till.bookings() == 0
