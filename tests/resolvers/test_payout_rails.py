"""Rails of payouts through the API: who sees that one is paused, and who has it pay again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.payouts.pausing import pause_rail
from domain.payouts.rail_pause import RailPause, Reach
from domain.payouts.state import PayoutRail
from tests.api import Api
from tests.commands import Commands
from tests.makers.wallets import make_holder

PAUSES = "{ payoutRailPauses { rail why isAsked pausedAt endsAt } }"
REASON = "The utility account was topped up."


async def pause(commands: Commands, *, minutes: int | None = None) -> None:
    ends_at = None if minutes is None else commands.now + timedelta(minutes=minutes)
    async with commands.by_system() as uow:
        await pause_rail(
            uow,
            RailPause(rail=PayoutRail.MPESA, reach=Reach.SENDING, why="1: empty", paused_at=uow.now, ends_at=ends_at),
        )


async def resume(api: Api, who: Actor, *, reason: str = REASON) -> Any:
    return await api.as_(who).command("payoutRailResume", "rail", rail="MPESA", reason=reason)


async def test_finance_sees_a_pause_and_ends_it_once(api: Api, commands: Commands) -> None:
    clerk = await make_holder(commands, roles=(Role.FINANCE,))
    await pause(commands)

    shown = (await api.as_(clerk).ask(PAUSES))["payoutRailPauses"]
    assert [(one["rail"], one["why"], one["isAsked"], one["endsAt"]) for one in shown] == [
        ("MPESA", "1: empty", True, None)
    ]
    assert (await resume(api, clerk))["rail"] == "MPESA"

    assert (await api.as_(clerk).ask(PAUSES))["payoutRailPauses"] == []
    again = await resume(api, clerk)
    assert [error["reason"] for error in again["errors"]] == ["RAIL_NOT_PAUSED"]
    assert (await commands.trail())[-1].reason == REASON


async def test_a_pause_without_a_reason_stays(api: Api, commands: Commands) -> None:
    clerk = await make_holder(commands, roles=(Role.FINANCE,))
    await pause(commands)

    refused = await resume(api, clerk, reason=" ")

    assert [error["__typename"] for error in refused["errors"]] == ["ValidationError"]
    assert len((await api.as_(clerk).ask(PAUSES))["payoutRailPauses"]) == 1


async def test_one_that_ends_by_itself_is_shown_no_longer(api: Api, commands: Commands) -> None:
    clerk = await make_holder(commands, roles=(Role.FINANCE,))
    await pause(commands, minutes=1)
    assert len((await api.as_(clerk).ask(PAUSES))["payoutRailPauses"]) == 1

    commands.later(timedelta(minutes=1))

    assert (await api.as_(clerk).ask(PAUSES))["payoutRailPauses"] == []


async def test_nobody_else_sees_or_ends_a_pause(api: Api, commands: Commands) -> None:
    somebody = await make_holder(commands)
    await pause(commands)

    assert (await api.as_(somebody).run(PAUSES)).codes == ["FORBIDDEN"]
    document = "mutation($input: PayoutRailResumeInput!) { payoutRailResume(input: $input) { rail } }"
    refused = await api.as_(somebody).run(document, input={"rail": "MPESA", "reason": REASON})

    assert refused.codes == ["FORBIDDEN"]
    async with commands.by_system() as uow:
        assert await uow.rail_pauses.standing(PayoutRail.MPESA) is not None
