"""Payouts through the API: who asks, who decides, who sees where the money goes, and what each refusal looks like."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import IdKind, encode_id, new_id
from tests.api import Api
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.payouts import BANK, export, make_payee
from tests.makers.wallets import kes, make_holder, verified, wallet

PAYOUT = """
    id owner { id } amount { amount asset } rail state destinationHint destination needsTwoPersons hasFirstApproval
    receiptNumber failure requestedAt version
"""
ONE = f"query($id: ID!) {{ payout(id: $id) {{ {PAYOUT} }} }}"
QUEUE = "{ payoutQueue { nodes { id destination } } }"
RICH = kes(100_000_000)


async def request(api: Api, who: Actor, *, key: str = "k1", **changes: Any) -> Any:
    given = {
        "amount": {"amount": "1292.50", "asset": "KES"},
        "rail": "BANK_TRANSFER",
        "destination": BANK,
        "idempotencyKey": key,
    }
    return await api.as_(who).command("payoutRequest", f"payout {{ {PAYOUT} }}", **given | changes)


async def approve(api: Api, who: Actor, payout_id: str, *, key: str = "a1") -> Any:
    return await api.as_(who).command("payoutApprove", f"payout {{ {PAYOUT} }}", payoutId=payout_id, idempotencyKey=key)


async def settle(api: Api, who: Actor, payout_id: str, *, key: str = "s1", **said: str) -> Any:
    return await api.as_(who).command(
        "payoutSettle",
        "payout { state receiptNumber failure }",
        payoutId=payout_id,
        reason="Bank statement of today",
        idempotencyKey=key,
        **said,
    )


def told(payload: Any) -> list[tuple[str, str | None]]:
    return [(error["__typename"], error["reason"]) for error in payload["errors"]]


async def test_a_payout_is_asked_for_approved_and_settled_each_once(
    api: Api, commands: Commands, gateways: Gateways
) -> None:
    await observe(commands)
    amina, clerk = await make_payee(commands, RICH), await make_holder(commands, roles=(Role.FINANCE,))

    asked, again = [await request(api, amina) for _ in range(2)]
    assert again == asked
    payout = asked["payout"]
    assert {name: payout[name] for name in payout if name != "id"} == {
        "owner": {"id": amina.label},
        "amount": {"amount": "1292.50", "asset": "KES"},
        "rail": "BANK_TRANSFER",
        "state": "HELD",
        "destinationHint": "…jiru",
        "destination": BANK,
        "needsTwoPersons": False,
        "hasFirstApproval": False,
        "receiptNumber": None,
        "failure": None,
        "requestedAt": "2026-11-20T12:00:00.000Z",
        "version": 0,
    }
    assert (await wallet(commands, amina)).held == kes(129_250)
    assert (await api.as_(clerk).ask(QUEUE))["payoutQueue"]["nodes"] == [{"id": payout["id"], "destination": BANK}]
    approved, repeated = [await approve(api, clerk, payout["id"]) for _ in range(2)]
    assert repeated == approved
    assert approved["payout"]["state"] == "APPROVED"
    await export(commands, gateways, clerk)
    settled = await settle(api, clerk, payout["id"], receiptNumber="FT99")
    assert settled == {"payout": {"state": "PAID", "receiptNumber": "FT99", "failure": None}, "errors": []}
    assert (await api.as_(clerk).ask(QUEUE))["payoutQueue"]["nodes"] == []
    own = (await api.as_(amina).ask("{ viewer { payouts { nodes { id state } } } }"))["viewer"]["payouts"]["nodes"]
    assert own == [{"id": payout["id"], "state": "PAID"}]
    after = await wallet(commands, amina)
    assert (after.balance, after.held) == (RICH - kes(129_250), kes(0))
    assert (await verified(commands)).is_sound


async def test_it_is_seen_by_its_owner_and_those_who_decide(api: Api, commands: Commands) -> None:
    await observe(commands)
    amina, brian = await make_payee(commands, RICH), await make_holder(commands)
    clerk, admin = [await make_holder(commands, roles=(role,)) for role in (Role.FINANCE, Role.ADMIN)]
    payout_id = (await request(api, amina))["payout"]["id"]

    for who in (amina, clerk):
        assert (await api.as_(who).ask(ONE, id=payout_id))["payout"]["destination"] == BANK
    for who, id_ in ((brian, payout_id), (admin, payout_id), (amina, encode_id(IdKind.PAYOUT, new_id()))):
        assert (await api.as_(who).run(ONE, id=id_)).codes == ["NOT_FOUND"]
    assert (await api.run(ONE, id=payout_id)).codes == ["AUTHENTICATION_ERROR"]
    for who in (amina, admin):
        assert (await api.as_(who).run(QUEUE)).codes == ["FORBIDDEN"]
    document = "mutation($input: PayoutApproveInput!) { payoutApprove(input: $input) { payout { id } } }"
    given = {"payoutId": payout_id, "idempotencyKey": "a9"}
    for who in (amina, admin):
        assert (await api.as_(who).run(document, input=given)).codes == ["FORBIDDEN"]
    assert (await api.as_(amina).ask(ONE, id=payout_id))["payout"]["state"] == "HELD"


async def test_refusals_are_typed_and_set_nothing_aside(api: Api, commands: Commands) -> None:
    await observe(commands)
    amina = await make_payee(commands, kes(100_000))
    clerk = await make_holder(commands, roles=(Role.FINANCE,))

    assert told(await request(api, amina)) == [("InsufficientFundsError", "INSUFFICIENT_FUNDS")]
    points = {"amount": "5", "asset": "POINTS"}
    assert told(await request(api, amina, amount=points)) == [("ConflictError", "RAIL_UNAVAILABLE")]
    assert told(await request(api, amina, destination="x")) == [("ValidationError", None)]
    large = {"amount": "129250.01", "asset": "KES"}
    assert told(await request(api, amina, amount=large)) == [("LimitExceededError", "PAYOUT_LIMIT_EXCEEDED")]
    small = {"amount": "10.00", "asset": "KES"}
    for key in ("1", "2", "3"):
        await request(api, amina, amount=small, key=key)
    assert [kind for kind, _ in told(await request(api, amina, amount=small, key="4"))] == ["RateLimitError"]
    commands.later(timedelta(minutes=5, seconds=1))
    refused = await request(api, amina, amount=small, key="5")
    assert told(refused) == [("AuthenticationError", "SECOND_FACTOR_NEEDED")]
    assert (await wallet(commands, amina)).held == kes(3_000)
    payout_id = (await api.as_(amina).ask("{ viewer { payouts { nodes { id } } } }"))["viewer"]["payouts"]["nodes"][0]
    for said in ({}, {"receiptNumber": "FT1", "failure": "no"}):
        assert told(await settle(api, clerk, payout_id["id"], **said)) == [("ValidationError", None)]
    assert told(await settle(api, clerk, payout_id["id"], receiptNumber="FT1")) == [
        ("ConflictError", "PAYOUT_NOT_UNDER_WAY")
    ]


async def test_a_rejection_says_why_and_gives_the_money_back(api: Api, commands: Commands) -> None:
    await observe(commands)
    amina, clerk = await make_payee(commands, RICH), await make_holder(commands, roles=(Role.FINANCE,))
    payout_id = (await request(api, amina))["payout"]["id"]

    rejected = await api.as_(clerk).command(
        "payoutReject", "payout { state failure }", payoutId=payout_id, reason="The account is not yours."
    )

    assert rejected["payout"] == {"state": "REJECTED", "failure": "The account is not yours."}
    assert (await wallet(commands, amina)).held == kes(0)
    assert told(await approve(api, clerk, payout_id)) == [("ConflictError", "PAYOUT_ALREADY_DECIDED")]


async def test_that_a_large_one_did_not_leave_is_said_by_who_did_not_let_it(
    api: Api, commands: Commands, gateways: Gateways
) -> None:
    await observe(commands)
    amina = await make_payee(commands, RICH)
    first, second, other = [await make_holder(commands, roles=(Role.FINANCE,)) for _ in range(3)]
    payout = (await request(api, amina, amount={"amount": "100000.00", "asset": "KES"}))["payout"]
    assert payout["needsTwoPersons"] is True
    for who in (first, second):
        await approve(api, who, payout["id"])
    await export(commands, gateways, second)

    refused = [await settle(api, who, payout["id"], failure="It came back") for who in (first, second)]
    still = (await api.as_(amina).ask(ONE, id=payout["id"]))["payout"]
    done = await settle(api, other, payout["id"], failure="It came back")

    assert [told(one) for one in refused] == [[("ConflictError", "UNINVOLVED_PERSON_NEEDED")]] * 2
    assert [one["payout"] for one in refused] == [None, None]
    assert (still["state"], still["failure"]) == ("SENDING", None)
    assert done["payout"] == {"state": "FAILED", "receiptNumber": None, "failure": "It came back"}
    after = await wallet(commands, amina)
    assert (after.balance, after.held) == (RICH, kes(0))
