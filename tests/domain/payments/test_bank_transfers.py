"""Money that arrives by bank is used once: in time for what it was for, late for its payer's wallet, never twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.reads.payments import payment_by_id
from db.tables.ledger import ledger_transfers
from db.tables.payments import payment_intents, payment_receipts
from domain.errors import DomainError, InvalidInput
from domain.fulfilment import Arrival
from domain.identity.errors import OwnAccount
from domain.identity.roles import Role
from domain.ids import PaymentId, new_id
from domain.ledger import chart
from domain.money import Asset, Money
from domain.payments.bank_transfers import reject_bank_transfer, verify_bank_transfer
from domain.payments.cancelling import cancel_payment
from domain.payments.errors import (
    PaymentAlreadyEnded,
    PaymentMismatch,
    PaymentNotFound,
    ProofNotExpected,
    RailUnavailable,
    ReceiptAlreadyUsed,
    TooManyOpenPayments,
)
from domain.payments.expiring import expire_payments
from domain.payments.intent import PaymentIntent
from domain.payments.state import PaymentState
from domain.wallets.errors import RateUnavailable
from domain.wallets.shown_payment import ShownPayment
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.payments import arrive, make_top_up, prove
from tests.makers.people import make_person
from tests.makers.wallets import balance, kes, make_holder, points, usdt, verified, wallet

LUNCH_MONEY = kes(129_250)  # ten USDT
BOUGHT = points(990)


async def stored(commands: Commands, payment_id: PaymentId) -> ShownPayment:
    async with commands.database.read() as connection:
        found = await payment_by_id(connection, payment_id)
    assert found is not None
    return found


async def state(commands: Commands, intent: PaymentIntent) -> PaymentState:
    return (await stored(commands, intent.id)).intent.state


async def receipts(commands: Commands) -> int:
    async with commands.database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(payment_receipts)) or 0


async def bookings(commands: Commands) -> int:
    counted = select(func.count()).where(ledger_transfers.c.reference.startswith("payment:"))
    async with commands.database.read() as connection:
        return await connection.scalar(counted) or 0


async def test_points_are_credited_and_their_usdt_reserved_in_one_transfer(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands)

    payment = await make_top_up(commands, amina, LUNCH_MONEY)
    assert payment.intent.state is PaymentState.AWAITING_PAYER
    assert payment.bank_transfer is not None
    assert payment.bank_transfer.reference == payment.intent.provider_reference
    await prove(commands, amina, payment.intent.id)
    arrival = await arrive(commands, payment.intent)

    assert arrival is Arrival.FULFILLED
    assert (await wallet(commands, amina, Asset.POINTS)).balance == BOUGHT
    assert await balance(commands, chart.usdt_reserve()) == usdt(9_900_000)
    assert await balance(commands, chart.platform_revenue()) == usdt(100_000)
    assert await balance(commands, chart.rail("bank_transfer", Asset.KES)) == -LUNCH_MONEY
    assert await balance(commands, chart.conversion(Asset.KES)) == LUNCH_MONEY
    assert await bookings(commands) == 1
    assert (await verified(commands)).is_sound
    after = await stored(commands, payment.intent.id)
    assert (after.intent.state, after.intent.receipt_number) == (PaymentState.PAID, "FT26330ABC")
    assert after.bank_transfer is not None
    assert after.bank_transfer.decided_at == commands.now
    told = [event.body["state"] for event in await commands.events("payment.updated")]
    assert told == ["AWAITING_PAYER", "AWAITING_PAYER", "PAID"]


@pytest.mark.parametrize(
    ("into", "result"),
    [(Asset.KES, LUNCH_MONEY), (Asset.USDT, usdt(9_900_000)), (Asset.EUR, Money(910, Asset.EUR))],
)
async def test_it_becomes_what_was_asked_for(commands: Commands, into: Asset, result: Money) -> None:
    await observe(commands)
    amina = await make_holder(commands)

    payment = await make_top_up(commands, amina, LUNCH_MONEY, into)
    await arrive(commands, payment.intent)

    assert (await wallet(commands, amina, into)).balance == result
    assert (await verified(commands)).is_sound


async def test_what_was_promised_is_kept_whatever_rates_do(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands)
    payment = await make_top_up(commands, amina, LUNCH_MONEY)

    commands.later(timedelta(hours=71))
    await arrive(commands, payment.intent)

    assert (await wallet(commands, amina, Asset.POINTS)).balance == BOUGHT


async def test_the_same_receipt_again_does_nothing(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands)
    payment = await make_top_up(commands, amina, LUNCH_MONEY)

    arrivals = [await arrive(commands, payment.intent, number=number) for number in ("ft1", " FT1 ", "FT1")]

    assert arrivals == [Arrival.FULFILLED, Arrival.REPEATED, Arrival.REPEATED]
    assert (await wallet(commands, amina, Asset.POINTS)).balance == BOUGHT
    assert (await receipts(commands), await bookings(commands)) == (1, 1)


async def test_of_many_clerks_at_once_one_books_it(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands)
    payment = await make_top_up(commands, amina, LUNCH_MONEY)

    arrivals = await asyncio.gather(*(arrive(commands, payment.intent) for _ in range(8)))

    assert sorted(arrivals) == sorted([Arrival.FULFILLED] + [Arrival.REPEATED] * 7)
    assert (await wallet(commands, amina, Asset.POINTS)).balance == BOUGHT
    assert (await receipts(commands), await bookings(commands)) == (1, 1)


async def test_a_second_transfer_for_the_same_payment_is_the_payers(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands)
    payment = await make_top_up(commands, amina, LUNCH_MONEY)

    arrivals = [await arrive(commands, payment.intent, number=number) for number in ("FT1", "FT2", "FT2")]

    assert arrivals == [Arrival.FULFILLED, Arrival.CREDITED_LATE, Arrival.REPEATED]
    assert (await wallet(commands, amina, Asset.POINTS)).balance == BOUGHT
    assert (await wallet(commands, amina)).balance == LUNCH_MONEY
    assert (await verified(commands)).is_sound


@pytest.mark.parametrize("end", ["expired", "cancelled", "rejected"])
async def test_what_comes_after_the_end_is_credited_as_it_came_and_told(commands: Commands, end: str) -> None:
    await observe(commands)
    amina = await make_holder(commands)
    payment = await make_top_up(commands, amina, LUNCH_MONEY)
    match end:
        case "expired":
            commands.later(timedelta(hours=72))
            async with commands.by_system() as uow:
                assert await expire_payments(uow, limit=10) == 1
        case "cancelled":
            async with commands.by(amina) as uow:
                await cancel_payment(uow, payment_id=payment.intent.id)
        case _:
            async with commands.by(await make_person(commands, Role.FINANCE)) as uow:
                await reject_bank_transfer(uow, payment_id=payment.intent.id, reason="No such transfer arrived.")
    before = await state(commands, payment.intent)

    arrival = await arrive(commands, payment.intent)

    assert arrival is Arrival.CREDITED_LATE
    assert await state(commands, payment.intent) is before
    assert (await wallet(commands, amina)).balance == LUNCH_MONEY
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(0)
    [late] = await commands.events("payment.arrived_late")
    assert late.body["receipt_number"] == "FT26330ABC"


async def test_one_receipt_is_not_used_for_two_payments(commands: Commands) -> None:
    await observe(commands)
    amina, brian = await make_holder(commands), await make_holder(commands)
    hers, his = [await make_top_up(commands, who, LUNCH_MONEY) for who in (amina, brian)]
    await arrive(commands, hers.intent)

    with pytest.raises(ReceiptAlreadyUsed):
        await arrive(commands, his.intent)

    assert await state(commands, his.intent) is PaymentState.AWAITING_PAYER
    assert (await wallet(commands, brian, Asset.POINTS)).balance == points(0)
    assert (await receipts(commands), await bookings(commands)) == (1, 1)


@pytest.mark.parametrize("amount", [kes(129_249), kes(129_251), Money(129_250, Asset.INR)])
async def test_another_amount_than_was_asked_for_moves_nothing(commands: Commands, amount: Money) -> None:
    await observe(commands)
    amina = await make_holder(commands)
    payment = await make_top_up(commands, amina, LUNCH_MONEY)

    with pytest.raises(PaymentMismatch):
        await arrive(commands, payment.intent, amount=amount)

    assert await state(commands, payment.intent) is PaymentState.AWAITING_PAYER
    assert (await receipts(commands), await bookings(commands)) == (0, 0)
    assert (await stored(commands, payment.intent.id)).bank_transfer.decided_at is None  # type: ignore[union-attr]


async def test_nobody_verifies_or_rejects_a_payment_of_their_own(commands: Commands) -> None:
    await observe(commands)
    clerk = await make_holder(commands, roles=(Role.FINANCE,))
    payment = await make_top_up(commands, clerk, LUNCH_MONEY)

    with pytest.raises(OwnAccount):
        async with commands.by(clerk) as uow:
            await verify_bank_transfer(uow, payment_id=payment.intent.id, amount=LUNCH_MONEY, statement_reference="FT1")
    with pytest.raises(OwnAccount):
        async with commands.by(clerk) as uow:
            await reject_bank_transfer(uow, payment_id=payment.intent.id, reason="Not mine")

    assert await state(commands, payment.intent) is PaymentState.AWAITING_PAYER
    assert await bookings(commands) == 0


async def test_a_rejected_payer_reads_why_and_what_has_ended_is_not_rejected(commands: Commands) -> None:
    await observe(commands)
    amina, clerk = await make_holder(commands), await make_person(commands, Role.FINANCE)
    payment = await make_top_up(commands, amina, LUNCH_MONEY)

    async with commands.by(clerk) as uow:
        await reject_bank_transfer(uow, payment_id=payment.intent.id, reason="No such transfer arrived.")
    with pytest.raises(PaymentAlreadyEnded):
        async with commands.by(clerk) as uow:
            await reject_bank_transfer(uow, payment_id=payment.intent.id, reason="Once more")

    after = (await stored(commands, payment.intent.id)).intent
    assert (after.state, after.failure) == (PaymentState.FAILED, "No such transfer arrived.")
    with pytest.raises(ProofNotExpected):
        await prove(commands, amina, payment.intent.id)


async def test_a_payment_is_its_payers_alone(commands: Commands) -> None:
    await observe(commands)
    amina, brian = await make_holder(commands), await make_holder(commands)
    payment = await make_top_up(commands, amina, LUNCH_MONEY)

    with pytest.raises(PaymentNotFound):
        await prove(commands, brian, payment.intent.id)
    for payment_id in (payment.intent.id, PaymentId(new_id())):
        with pytest.raises(PaymentNotFound):
            async with commands.by(brian) as uow:
                await cancel_payment(uow, payment_id=payment_id)

    assert await state(commands, payment.intent) is PaymentState.AWAITING_PAYER


async def test_one_with_a_proof_does_not_expire_before_finance_looked(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands)
    proved, bare = [await make_top_up(commands, amina, LUNCH_MONEY) for _ in range(2)]
    await prove(commands, amina, proved.intent.id)

    commands.later(timedelta(hours=72, seconds=-1))
    async with commands.by_system() as uow:
        assert await expire_payments(uow, limit=10) == 0
    commands.later(timedelta(seconds=1))
    async with commands.by_system() as uow:
        assert await expire_payments(uow, limit=10) == 1

    assert await state(commands, bare.intent) is PaymentState.EXPIRED
    assert await arrive(commands, proved.intent) is Arrival.FULFILLED


async def test_ten_may_be_open_and_no_more(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands)
    opened = [await make_top_up(commands, amina, LUNCH_MONEY) for _ in range(10)]

    with pytest.raises(TooManyOpenPayments):
        await make_top_up(commands, amina, LUNCH_MONEY)
    await arrive(commands, opened[0].intent)
    await make_top_up(commands, amina, LUNCH_MONEY)

    async with commands.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(payment_intents)) == 11


@pytest.mark.parametrize(
    ("amount", "into", "account", "refusal"),
    [
        (kes(0), Asset.POINTS, "bank", InvalidInput),
        (kes(1), Asset.POINTS, "bank", InvalidInput),
        (LUNCH_MONEY, Asset.POINTS, "", RailUnavailable),
        (usdt(10_000_000), Asset.POINTS, "bank", RailUnavailable),
        (points(100), Asset.KES, "bank", RailUnavailable),
    ],
)
async def test_faulty_requests_leave_nothing(
    commands: Commands, amount: Money, into: Asset, account: str, refusal: type[Exception]
) -> None:
    await observe(commands)
    amina = await make_holder(commands)

    with pytest.raises(refusal):
        await make_top_up(commands, amina, amount, into, account=account)

    async with commands.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(payment_intents)) == 0


async def test_without_a_rate_only_the_same_asset_can_be_topped_up(commands: Commands) -> None:
    amina = await make_holder(commands)

    with pytest.raises(RateUnavailable):
        await make_top_up(commands, amina, LUNCH_MONEY)

    assert (await make_top_up(commands, amina, LUNCH_MONEY, Asset.KES)).top_up.result == LUNCH_MONEY  # type: ignore[union-attr]


@pytest.mark.parametrize("typed", ["ft 26330 abc", " FT26330ABC\t", "\uff26\uff3426330abc", "FT\u00a026330ABC"])
async def test_however_its_number_is_typed_a_receipt_is_used_once(commands: Commands, typed: str) -> None:
    await observe(commands)
    amina = await make_holder(commands)
    first, second = [(await make_top_up(commands, amina, LUNCH_MONEY)).intent for _ in range(2)]

    await arrive(commands, first, number="FT26330ABC")
    with pytest.raises(ReceiptAlreadyUsed):
        await arrive(commands, second, number=typed)
    assert await arrive(commands, first, number=typed) is Arrival.REPEATED

    assert (await wallet(commands, amina, Asset.POINTS)).balance == BOUGHT


@pytest.mark.parametrize("typed", ["", "FT26330ABC\u200b", "F\u0422 1", "FT\u00ad1", "1\u0661"])
async def test_a_number_with_signs_that_look_like_others_is_refused(commands: Commands, typed: str) -> None:
    await observe(commands)
    amina = await make_holder(commands)
    payment = (await make_top_up(commands, amina, LUNCH_MONEY)).intent

    with pytest.raises(InvalidInput):
        await arrive(commands, payment, number=typed)

    assert (await state(commands, payment), await receipts(commands)) == (PaymentState.AWAITING_PAYER, 0)


async def test_of_many_requests_at_once_ten_are_waited_for(commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands)

    async def once() -> str:
        try:
            await make_top_up(commands, amina, LUNCH_MONEY)
        except DomainError as refusal:
            return type(refusal).__name__
        return "taken"

    for _ in range(8):
        await once()
    ends = await asyncio.gather(*(once() for _ in range(6)))

    assert ends.count("taken") == 2
    assert set(ends) <= {"taken", "TooManyOpenPayments", "Overloaded"}
