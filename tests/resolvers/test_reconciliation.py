"""Reconciliation through the API: finance reads a day, acts once, and nobody else does."""

from __future__ import annotations

from typing import Any

import pytest

from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.payouts.execution import record_outcome
from domain.payouts.outcome import Paid
from domain.payouts.state import PayoutRail
from jobs.book_statements import book_statements
from jobs.parts import Parts
from tests.api import Api
from tests.commands import Commands
from tests.jobs.conftest import parts as parts  # noqa: PLC0414  # a fixture
from tests.jobs.test_book_statements import RICH, WAGE, line, sent, submit
from tests.jobs.test_reconcile_payouts import paid_by_hand, until_the_next_night
from tests.makers.conversion import observe
from tests.makers.payouts import approve, make_payee, make_payout
from tests.makers.statements import DAY, csv_of
from tests.makers.wallets import kes, make_holder, verified, wallet

RUN = "id rail day state matchedCount missingHereCount missingThereCount wrongAmountCount"
FOUND = (
    "id kind payoutId lineKind reference number amountThere { amount } state actions action reason resolvedBy { id }"
)
RUNS = f"{{ reconciliationRuns {{ nodes {{ {RUN} }} }} }}"
ONE = f"query($id: ID!) {{ reconciliationRun(id: $id) {{ {RUN} }} }}"
INSIDE = f"query($id: ID!) {{ payoutDiscrepancies(runId: $id) {{ nodes {{ {FOUND} }} }} }}"
RESOLVE = """
mutation($input: ReconciliationResolveInput!) { reconciliationResolve(input: $input) { discrepancy { id } } }
"""


@pytest.fixture
async def clerk(commands: Commands) -> Actor:
    await observe(commands)
    return await make_holder(commands, roles=(Role.FINANCE,))


async def compare(api: Api, who: Actor, *, key: str = "c1", day: str = DAY, rail: str = "BANK_TRANSFER") -> Any:
    given = {"rail": rail, "day": day, "idempotencyKey": key}
    return await api.as_(who).command("reconciliationCompare", f"run {{ {RUN} }}", **given)


async def act(api: Api, who: Actor, found: str, action: str, *, key: str = "r1") -> Any:
    given = {"discrepancyId": found, "action": action, "reason": "The bank confirmed it", "idempotencyKey": key}
    return await api.as_(who).command("reconciliationResolve", f"discrepancy {{ {FOUND} }}", **given)


async def test_a_day_is_read_and_acted_on_once(
    api: Api, commands: Commands, gateways: Gateways, parts: Parts, clerk: Actor
) -> None:
    amina = await make_payee(commands, RICH)
    agreed, unseen = [await sent(commands, gateways, clerk, amina) for _ in range(2)]
    await paid_by_hand(commands, clerk, unseen, "FT77")
    await submit(commands, clerk, csv_of(line(agreed, "FT1")))
    await book_statements(parts)
    too_early = await compare(api, clerk)
    assert [(error["__typename"], error["path"]) for error in too_early["errors"]] == [("ValidationError", ["day"])]
    assert (await api.as_(clerk).ask(RUNS))["reconciliationRuns"]["nodes"] == []
    until_the_next_night(commands)

    first, again = [await compare(api, clerk, key="c2") for _ in range(2)]
    run = first["run"]
    assert again == first
    assert {name: run[name] for name in run if name != "id"} == {
        "rail": "BANK_TRANSFER",
        "day": DAY,
        "state": "DONE",
        "matchedCount": 1,
        "missingHereCount": 0,
        "missingThereCount": 1,
        "wrongAmountCount": 0,
    }
    assert (await api.as_(clerk).ask(RUNS))["reconciliationRuns"]["nodes"] == [run]
    assert (await api.as_(clerk).ask(ONE, id=run["id"]))["reconciliationRun"] == run
    [found] = (await api.as_(clerk).ask(INSIDE, id=run["id"]))["payoutDiscrepancies"]["nodes"]
    assert (found["kind"], found["payoutId"], found["state"], found["actions"]) == (
        "MISSING_THERE",
        unseen.label,
        "OPEN",
        ["RETURN", "NOTE"],
    )
    done, repeated = [await act(api, clerk, found["id"], "RETURN") for _ in range(2)]
    assert repeated == done
    assert (done["discrepancy"]["state"], done["discrepancy"]["resolvedBy"]) == ("RESOLVED", {"id": clerk.label})
    other = await act(api, clerk, found["id"], "NOTE", key="r2")
    assert [error["reason"] for error in other["errors"]] == ["DISCREPANCY_ALREADY_CLOSED"]
    after = await wallet(commands, amina)
    assert (after.balance, after.held) == (RICH - WAGE, kes(0))
    assert (await verified(commands)).is_sound


async def test_nobody_else_reads_or_acts(
    api: Api, commands: Commands, gateways: Gateways, parts: Parts, clerk: Actor
) -> None:
    amina, admin = await make_payee(commands, RICH), await make_holder(commands, roles=(Role.ADMIN,))
    payout = await sent(commands, gateways, clerk, amina)
    await paid_by_hand(commands, clerk, payout, "FT77")
    until_the_next_night(commands)
    run = (await compare(api, clerk))["run"]
    [found] = (await api.as_(clerk).ask(INSIDE, id=run["id"]))["payoutDiscrepancies"]["nodes"]

    given = {"discrepancyId": found["id"], "action": "RETURN", "reason": "Mine again", "idempotencyKey": "k"}
    for who in (amina, admin):
        assert (await api.as_(who).run(RUNS)).codes == ["FORBIDDEN"]
        assert (await api.as_(who).run(INSIDE, id=run["id"])).codes == ["FORBIDDEN"]
        assert (await api.as_(who).run(RESOLVE, input=given)).codes == ["FORBIDDEN"]
    assert (await api.as_(clerk).run(ONE, id=found["id"])).codes == ["VALIDATION_ERROR"]
    assert (await wallet(commands, amina)).balance == RICH - WAGE


async def test_what_cannot_be_compared_is_refused_and_leaves_no_run(
    api: Api, commands: Commands, gateways: Gateways, clerk: Actor
) -> None:
    amina = await make_payee(commands, RICH)
    payout = await make_payout(commands, gateways, amina, WAGE, rail=PayoutRail.SANDBOX)
    await approve(commands, clerk, payout)
    async with commands.by_system() as uow:
        [sending] = await uow.payouts.claim_approved(PayoutRail.SANDBOX, limit=1)
        uow.emit(sending.send(at=uow.now))
    async with commands.by_system() as uow:
        await record_outcome(uow, payout_id=payout.id, outcome=Paid("S1"))
    until_the_next_night(commands)

    untold = await compare(api, clerk, rail="SANDBOX")
    before_all = await compare(api, clerk, key="c2", day="0001-01-01")

    assert [error["reason"] for error in untold["errors"]] == ["NO_STATEMENT"]
    assert [(error["__typename"], error["path"]) for error in before_all["errors"]] == [("ValidationError", ["day"])]
    assert (await api.as_(clerk).ask(RUNS))["reconciliationRuns"]["nodes"] == []
