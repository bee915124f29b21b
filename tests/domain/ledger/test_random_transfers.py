"""Whatever people do at once: nothing appears, nothing vanishes, nobody owes."""

import asyncio
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from db.reads.ledger import trial_balance
from domain.errors import ConcurrentChange
from domain.identity.actor import Actor
from domain.ids import new_id
from domain.ledger import chart
from domain.ledger.codes import TransferCode
from domain.ledger.errors import HoldAlreadySettled, HoldNotFound, InsufficientFunds
from domain.ledger.holds import capture, hold, release
from domain.ledger.posting import post
from domain.money import Asset
from tests.commands import NOON, Commands
from tests.makers.wallets import kes, make_holder, sending, verified, wallet

WALLETS = 10
TRANSFERS = 200
START = 500
AT_ONCE = 32


@dataclass(frozen=True)
class Step:
    """One thing that one person does."""

    what: str
    who: int
    whom: int
    minor: int


def steps() -> st.SearchStrategy[list[Step]]:
    kinds = st.sampled_from(["send"] * 6 + ["hold", "release", "capture"])
    pairs = st.permutations(range(WALLETS))
    step = st.builds(lambda what, pair, minor: Step(what, pair[0], pair[1], minor), kinds, pairs, st.integers(1, 1_000))
    return st.lists(step, min_size=TRANSFERS, max_size=TRANSFERS)


async def carry_out(commands: Commands, run: str, people: list[Actor], number: int, step: Step) -> None:
    """One step; that somebody has too little, or that two met, is part of the game."""
    who, whom = people[step.who], people[step.whom]
    reference = f"{run}:{step.who}:held"
    try:
        async with commands.by_system() as uow:
            match step.what:
                case "send":
                    await post(uow, sending(f"{run}:{number}", who, whom, kes(step.minor)))
                case "hold":
                    account = chart.user_wallet(who.user_id, Asset.KES)
                    await hold(
                        uow,
                        reference=reference,
                        account=account,
                        amount=kes(100),
                        code=TransferCode.PERSON_TO_PERSON,
                        expires_at=NOON.replace(year=2027),
                    )
                case "release":
                    await release(uow, reference=reference)
                case "capture":
                    await capture(uow, reference=reference, transfer=sending(f"{run}:{number}", who, whom, kes(60)))
    except (InsufficientFunds, HoldNotFound, HoldAlreadySettled, ConcurrentChange):
        pass


async def entries_by_account(commands: Commands) -> dict[str, int]:
    """The fold of the entries, done here and not by the database."""
    totals: dict[str, int] = {}
    rows = text("select a.path, e.amount_minor from ledger_entries e join ledger_accounts a on a.id = e.account_id")
    async with commands.database.read() as connection:
        for path, minor in await connection.execute(rows):
            totals[path] = totals.get(path, 0) + minor
    return totals


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(script=steps())
async def test_two_hundred_random_transfers_at_once(commands: Commands, script: list[Step]) -> None:
    run = str(new_id())
    people = [await make_holder(commands, kes(START)) for _ in range(WALLETS)]

    places = asyncio.Semaphore(AT_ONCE)

    async def in_turn(number: int, step: Step) -> None:
        async with places:
            await carry_out(commands, run, people, number, step)

    await asyncio.gather(*(in_turn(number, step) for number, step in enumerate(script)))

    now = [await wallet(commands, person) for person in people]
    folded = await entries_by_account(commands)
    assert sum(one.balance.minor for one in now) == WALLETS * START
    assert all(one.held.minor >= 0 and one.available.minor >= 0 for one in now)
    assert [one.balance.minor for one in now] == [
        folded[chart.user_wallet(person.user_id, Asset.KES).path] for person in people
    ]
    async with commands.database.read() as connection:
        assert sum(line.balance.minor for line in await trial_balance(connection)) == 0
    assert (await verified(commands)).differences == ()
