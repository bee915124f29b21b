"""What is no sandbox is not driven, and what is one says when its servers do not follow."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import GatewayFault
from domain.gateways import Gateways
from domain.identity.roles import Role
from domain.ledger import chart
from domain.money import Asset
from domain.payments.state import Rail
from domain.payouts.state import PayoutRail
from integrations.outbound_http import OutboundHttp
from integrations.sandbox.driving import DarajaDriver
from jobs.book_statements import book_statements
from jobs.parts import Parts
from tests.api import Api
from tests.commands import Commands
from tests.daraja import PATIENCE, running_daraja
from tests.jobs.conftest import parts as parts  # noqa: PLC0414  # a fixture
from tests.makers.conversion import observe
from tests.makers.payouts import approve, export, make_payee, make_payout
from tests.makers.wallets import balance, kes, make_holder

COMMANDS = """
mutation { sandbox {
  errors { code }
  mpesaAnswer(input: {code: "1032"}) { prompt { code } errors { code reason } }
  cardAnswer(input: {card: PAYS}) { errors { code reason } }
  bankStatement(input: {}) { linesCount errors { code reason } }
  providerDown(input: {rail: MPESA, seconds: 60}) { until errors { code reason } }
  clockAdvance(input: {seconds: 60}) { now errors { code reason } } } }
"""


BANK = """
mutation($status: PayoutStatementLineKind!) { sandbox {
  bankStatement(input: {status: $status}) { linesCount errors { code } } } }
"""


class StandingClock:
    """A sandbox whose clock is a test's, at M-Pesa's stand-in."""

    def __init__(self, commands: Commands, mpesa: DarajaDriver) -> None:
        self._commands, self.mpesa, self.cards = commands, mpesa, None

    async def take_down(self, rail: Rail, duration: timedelta) -> None:
        raise AssertionError(f"{rail} is not sent away for {duration}")

    async def advance_clock(self, step: timedelta) -> None:
        self._commands.later(step)
        await self.mpesa.be_ahead(step)


def driver(url: str) -> DarajaDriver:
    return DarajaDriver(url, OutboundHttp("sandbox", timeout=PATIENCE, attempts=1))


async def test_where_real_money_moves_nothing_is_driven(api: Api, commands: Commands) -> None:
    before = commands.now

    said = (await api.ask(COMMANDS))["sandbox"]

    refused = [{"code": "CONFLICT_ERROR", "reason": "NO_SANDBOX"}]
    assert said == {
        "errors": [],
        "mpesaAnswer": {"prompt": None, "errors": refused},
        "cardAnswer": {"errors": refused},
        "bankStatement": {"linesCount": 0, "errors": refused},
        "providerDown": {"until": None, "errors": refused},
        "clockAdvance": {"now": None, "errors": refused},
    }
    assert await api.ask("{ sandbox { now } }") == {"sandbox": None}
    assert (commands.now, await commands.trail(), await commands.events()) == (before, [], [])


@pytest.mark.parametrize(("status", "state", "left"), [("PAID", "PAID", 5_000), ("REFUSED", "FAILED", 10_000)])
async def test_the_bank_tells_once_of_what_left_in_a_file(  # noqa: PLR0913  # the market's parts, and three values
    api: Api, commands: Commands, gateways: Gateways, parts: Parts, status: str, state: str, left: int
) -> None:
    await observe(commands)
    api = api.driving(StandingClock(commands, driver("http://127.0.0.1:9")))
    clerk, amina = await make_holder(commands, roles=(Role.FINANCE,)), await make_payee(commands, kes(10_000))
    sent, kept = [
        await make_payout(commands, gateways, amina, kes(5_000), rail=PayoutRail.BANK_TRANSFER) for _ in range(2)
    ]
    await approve(commands, clerk, sent)
    await export(commands, gateways, clerk)

    told = [(await api.ask(BANK, status=status))["sandbox"]["bankStatement"] for _ in range(2)]
    await book_statements(parts)
    silent = (await api.ask(BANK, status=status))["sandbox"]["bankStatement"]
    await book_statements(parts)

    assert told == [{"linesCount": 1, "errors": []}] * 2
    assert silent == {"linesCount": 0, "errors": []}
    payouts = (await api.as_(amina).ask("{ viewer { payouts { nodes { id state } } } }"))["viewer"]["payouts"]["nodes"]
    assert {each["id"]: each["state"] for each in payouts} == {sent.label: state, kept.label: "HELD"}
    assert await balance(commands, chart.user_wallet(amina.user_id, Asset.KES)) == kes(left)


async def test_a_server_that_does_not_follow_is_told_of_and_the_clock_has_moved(api: Api, commands: Commands) -> None:
    before = commands.now
    api = api.driving(StandingClock(commands, driver("http://127.0.0.1:9")))

    said = (await api.ask("mutation { sandbox { clockAdvance(input: {seconds: 60}) { now errors { code } } } }"))[
        "sandbox"
    ]["clockAdvance"]

    assert said == {"now": "2026-11-20T12:01:00.000Z", "errors": [{"code": "GATEWAY_ERROR"}]}
    assert commands.now == before + timedelta(minutes=1)


async def test_what_is_not_open_is_not_answered(api: Api, commands: Commands) -> None:
    api = api.driving(StandingClock(commands, driver("http://127.0.0.1:9")))

    said = await api.ask("mutation { sandbox { cardAnswer(input: {}) { errors { code message } } } }")

    assert said["sandbox"]["cardAnswer"]["errors"] == [
        {"code": "VALIDATION_ERROR", "message": "cards are not open here"}
    ]


async def test_a_provider_that_is_no_sandbox_is_a_fault_of_it(commands: Commands) -> None:
    async with running_daraja(commands.clock) as daraja:
        elsewhere = driver(f"{daraja.url}/mpesa")

        with pytest.raises(GatewayFault):
            await elsewhere.prompts()
        with pytest.raises(GatewayFault):
            await elsewhere.go_down(timedelta(seconds=60))
