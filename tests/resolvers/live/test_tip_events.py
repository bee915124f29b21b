"""A worker hears of a tip, and nobody else does."""

from __future__ import annotations

from domain.gateways import Gateways
from domain.payments.cancelling import cancel_payment
from domain.tips.giving import ByWorker, follow_tip_payments, give_tip, promise_tip
from tests.commands import Commands
from tests.makers.mpesa import by_phone
from tests.makers.tips import make_worker
from tests.makers.wallets import kes, make_holder
from tests.resolvers.live.listening import HEAD, LiveApi

LISTEN = f"""
subscription {{ tipEvents {{
    __typename
    ... on TipsSnapshot {{ worker {{ name }} }}
    ... on TipGiven {{ {HEAD} tipId amount {{ amount }} note }} }} }}
"""


async def test_a_worker_hears_a_tip(commands: Commands, gateways: Gateways, live: LiveApi) -> None:
    otieno, amina, other = [await make_holder(commands, kes(10_000)) for _ in range(3)]
    worker, _ = await make_worker(commands, otieno), await make_worker(commands, other, name="Other")
    await live.settled()

    async with live.listening(otieno, LISTEN) as mine, live.listening(other, LISTEN) as others:
        assert (await mine.next())["worker"] == {"name": "Otieno"}
        await others.next()
        async with commands.by(amina) as uow:
            tip = await give_tip(uow, gateways, to=ByWorker(worker.id), amount=kes(2_500), note="Asante")
        heard = await mine.next()
        await others.silence()

    assert (heard["type"], heard["tipId"], heard["amount"], heard["note"]) == (
        "tip.given",
        tip.label,
        {"amount": "25.00"},
        "Asante",
    )
    async with live.listening(amina, LISTEN) as stranger:
        assert (await stranger.refusal())["code"] == "NOT_FOUND"


ONE = f"""
subscription($tipId: ID!) {{ tipEvents(tipId: $tipId) {{
    __typename
    ... on TipSnapshot {{ tip {{ state payment {{ state }} }} }}
    ... on TipUpdated {{ {HEAD} tipId state failure version }} }} }}
"""


async def test_who_gives_by_a_rail_hears_where_it_stands_and_the_worker_does_not(
    commands: Commands, gateways: Gateways, live: LiveApi
) -> None:
    otieno, amina = await make_holder(commands), await make_holder(commands)
    worker = await make_worker(commands, otieno)
    async with commands.by(amina) as uow:
        tip = await promise_tip(uow, gateways, to=ByWorker(worker.id), amount=kes(2_500), note=None, way=by_phone())
    assert tip.payment_id is not None
    await live.settled()

    async with (
        live.listening(amina, ONE, tipId=tip.label) as giver,
        live.listening(otieno, ONE, tipId=tip.label) as worker_himself,
    ):
        assert (await giver.next())["tip"] == {"state": "CREATED", "payment": {"state": "REQUESTED"}}
        assert (await worker_himself.refusal())["code"] == "NOT_FOUND"
        async with commands.by(amina) as uow:
            await cancel_payment(uow, payment_id=tip.payment_id)
        async with commands.by_system() as uow:
            await follow_tip_payments(uow, limit=10)
        heard = await giver.next()

    assert (heard["type"], heard["tipId"], heard["state"], heard["version"]) == (
        "tip.updated",
        tip.label,
        "CANCELLED",
        1,
    )
