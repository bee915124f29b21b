"""A worker hears of a tip, and nobody else does."""

from __future__ import annotations

from domain.gateways import Gateways
from domain.tips.giving import ByWorker, give_tip
from tests.commands import Commands
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
