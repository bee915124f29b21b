"""A device that was away: its queue is carried out in order and once, and it learns all that changed, in whatever order
it was committed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.identity.actor import Actor
from domain.rate_limits import RateState
from integrations.sealing.sealer import AesSealer
from jobs.purge_answers import purge_old_answers
from tests.api import Api
from tests.commands import NOON, Commands
from tests.makers.parts import make_parts
from tests.makers.tips import make_qr, make_worker
from tests.makers.wallets import kes, make_holder, verified, wallet

SUBJECT = """
    __typename
    ... on Tip { id amount { amount } state note version }
    ... on Worker { id isActive version }
    ... on TipQr { id spot withdrawnAt version }
"""
ERROR = "__typename code message path reason retryable ... on ConflictError { currentVersion }"
PUSH = f"""
mutation($operations: [SyncOperationInput!]!) {{ syncPush(input: {{operations: $operations}}) {{
  results {{ __typename idempotencyKey
    ... on SyncAccepted {{ subject {{ {SUBJECT} }} }}
    ... on SyncReplayed {{ subject {{ {SUBJECT} }} }}
    ... on SyncConflict {{ error {{ {ERROR} }} currentVersion current {{ {SUBJECT} }} }}
    ... on SyncRefused {{ errors {{ {ERROR} }} }} }}
  errors {{ {ERROR} }} }} }}
"""
PULL = f"""
query($after: String, $first: Int) {{ syncPull(after: $after, first: $first) {{
  changes {{ {SUBJECT} }} nextCursor hasMore }} }}
"""


@pytest.fixture
async def brian(commands: Commands) -> Actor:
    """Has a hundred shillings."""
    return await make_holder(commands, kes(10_000))


@pytest.fixture
async def otieno(commands: Commands) -> Actor:
    """A worker."""
    person = await make_holder(commands)
    await make_worker(commands, person)
    return person


@pytest.fixture
async def worker_id(api: Api, otieno: Actor) -> str:
    found = await api.as_(otieno).ask("{ viewer { worker { id } } }")
    return str(found["viewer"]["worker"]["id"])


def tip(worker_id: str, key: str, amount: str = "10.00", **more: Any) -> dict[str, Any]:
    depends_on = {"dependsOn": more.pop("depends_on")} if "depends_on" in more else {}
    given = {"workerId": worker_id, "amount": {"amount": amount, "asset": "KES"}, "idempotencyKey": key, **more}
    return {"tipGive": given, **depends_on}


async def push(api: Api, who: Actor, *operations: dict[str, Any]) -> Any:
    payload = (await api.as_(who).ask(PUSH, operations=list(operations)))["syncPush"]
    assert payload["errors"] == []
    return payload["results"]


async def pull(api: Api, who: Actor, after: str | None = None, first: int = 50) -> Any:
    return (await api.as_(who).ask(PULL, after=after, first=first))["syncPull"]


def kinds(results: Any) -> list[tuple[str, str]]:
    return [(result["__typename"], result["idempotencyKey"]) for result in results]


async def test_a_queue_is_carried_out_in_its_order_and_a_second_push_changes_nothing(
    api: Api, commands: Commands, brian: Actor, otieno: Actor, worker_id: str
) -> None:
    queue = [tip(worker_id, f"k{number}", f"{number}0.00", note=f"Tip {number}") for number in (1, 2, 3)]

    first = await push(api, brian, *queue)
    events, trail = await commands.events(), await commands.trail()
    second = await push(api, brian, *queue)

    assert kinds(first) == [("SyncAccepted", key) for key in ("k1", "k2", "k3")]
    assert [result["subject"]["note"] for result in first] == ["Tip 1", "Tip 2", "Tip 3"]
    assert kinds(second) == [("SyncReplayed", key) for key in ("k1", "k2", "k3")]
    assert [result["subject"] for result in second] == [result["subject"] for result in first]
    assert (await commands.events(), await commands.trail()) == (events, trail)
    assert [entry.operation for entry in trail[-3:]] == ["tipGive"] * 3
    assert (await wallet(commands, brian)).balance == kes(4_000)
    assert (await wallet(commands, otieno)).balance == kes(6_000)
    await verified(commands)


async def test_what_was_tried_online_before_is_replayed_and_the_other_way_round(
    api: Api, commands: Commands, brian: Actor, worker_id: str
) -> None:
    given = tip(worker_id, "tried")["tipGive"]
    online = await api.as_(brian).command("tipGive", "tip { id }", **given)

    pushed = await push(api, brian, {"tipGive": given}, tip(worker_id, "queued"))
    again = await api.as_(brian).command("tipGive", "tip { id }", **tip(worker_id, "queued")["tipGive"])

    assert kinds(pushed) == [("SyncReplayed", "tried"), ("SyncAccepted", "queued")]
    assert pushed[0]["subject"]["id"] == online["tip"]["id"]
    assert again["tip"]["id"] == pushed[1]["subject"]["id"]
    assert (await wallet(commands, brian)).balance == kes(8_000)


async def test_a_key_with_other_input_is_a_conflict(api: Api, commands: Commands, brian: Actor, worker_id: str) -> None:
    await push(api, brian, tip(worker_id, "k1"))

    (result,) = await push(api, brian, tip(worker_id, "k1", "20.00"))

    assert result["__typename"] == "SyncConflict"
    assert (result["error"]["reason"], result["currentVersion"], result["current"]) == (
        "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
        None,
        None,
    )
    assert (await wallet(commands, brian)).balance == kes(9_000)


async def test_one_that_is_refused_stops_only_what_depends_on_it(
    api: Api, commands: Commands, brian: Actor, worker_id: str
) -> None:
    results = await push(
        api,
        brian,
        tip(worker_id, "too much", "999.00"),
        tip(worker_id, "free"),
        tip(worker_id, "child", depends_on=["too much"]),
        tip(worker_id, "grandchild", depends_on=["child", "free"]),
        tip(worker_id, "cousin", depends_on=["free"]),
        tip(worker_id, "", "10.00"),
    )

    assert [result["__typename"] for result in results] == [
        "SyncRefused",
        "SyncAccepted",
        "SyncRefused",
        "SyncRefused",
        "SyncAccepted",
        "SyncRefused",
    ]
    reasons = [[error["reason"] or error["code"] for error in result.get("errors", [])] for result in results]
    assert reasons == [
        ["INSUFFICIENT_FUNDS"],
        [],
        ["DEPENDENCY_REFUSED"],
        ["DEPENDENCY_REFUSED"],
        [],
        ["VALIDATION_ERROR"],
    ]
    assert (await wallet(commands, brian)).balance == kes(8_000)


async def test_what_was_refused_may_be_pushed_again_under_its_key(
    api: Api, commands: Commands, brian: Actor, otieno: Actor, worker_id: str
) -> None:
    await api.as_(otieno).command("workerSwitch", "worker { id }", isActive=False)
    (refused,) = await push(api, brian, tip(worker_id, "k1"))
    await api.as_(otieno).command("workerSwitch", "worker { id }", isActive=True)

    (given,) = await push(api, brian, tip(worker_id, "k1"))

    assert [error["reason"] for error in refused["errors"]] == ["WORKER_NOT_ACTIVE"]
    assert given["__typename"] == "SyncAccepted"
    assert (await wallet(commands, brian)).balance == kes(9_000)


async def test_a_version_that_was_overtaken_is_a_conflict_with_what_there_is_now(
    api: Api, commands: Commands, otieno: Actor
) -> None:
    code = await make_qr(commands, otieno, spot="Bar")
    switch = {"isActive": False, "expectedVersion": 0, "idempotencyKey": "break"}
    await api.as_(otieno).command("workerSwitch", "worker { id }", isActive=True)

    (conflict,) = await push(api, otieno, {"workerSwitch": switch})
    (done,) = await push(api, otieno, {"workerSwitch": switch | {"expectedVersion": 1, "idempotencyKey": "break 2"}})
    withdraw = {"qrId": code.label, "expectedVersion": 0, "idempotencyKey": "lost"}
    (withdrawn,) = await push(api, otieno, {"tipQrWithdraw": withdraw})
    (replayed,) = await push(api, otieno, {"tipQrWithdraw": withdraw})
    (late,) = await push(api, otieno, {"tipQrWithdraw": withdraw | {"expectedVersion": 1, "idempotencyKey": "lost 2"}})

    assert conflict["error"]["reason"] == "VERSION_MISMATCH"
    assert (conflict["currentVersion"], conflict["current"]["isActive"]) == (1, True)
    assert (done["subject"]["isActive"], done["subject"]["version"]) == (False, 2)
    assert withdrawn["subject"]["withdrawnAt"] is not None
    assert (replayed["__typename"], replayed["subject"]) == ("SyncReplayed", withdrawn["subject"])
    assert (late["__typename"], late["error"]["reason"], late["currentVersion"]) == (
        "SyncConflict",
        "TIP_QR_WITHDRAWN",
        1,
    )


async def test_codes_are_made_once_though_pushed_twice(api: Api, otieno: Actor) -> None:
    create = {"tipQrCreate": {"spot": "Table 4", "idempotencyKey": "card"}}

    results = await push(api, otieno, create, create)

    assert kinds(results) == [("SyncAccepted", "card"), ("SyncReplayed", "card")]
    listed = await api.as_(otieno).ask("{ viewer { tipQrs { nodes { id } } } }")
    assert [node["id"] for node in listed["viewer"]["tipQrs"]["nodes"]] == [results[0]["subject"]["id"]]


async def test_others_codes_and_profiles_are_nobodys_to_change(
    api: Api, commands: Commands, brian: Actor, otieno: Actor
) -> None:
    code = await make_qr(commands, otieno)
    other = await make_holder(commands)
    await make_worker(commands, other, name="Other")

    results = [
        *await push(api, other, {"tipQrWithdraw": {"qrId": code.label, "idempotencyKey": "theirs"}}),
        *await push(api, brian, {"workerSwitch": {"isActive": False, "idempotencyKey": "none"}}),
    ]

    assert [result["__typename"] for result in results] == ["SyncRefused", "SyncRefused"]
    assert [result["errors"][0]["code"] for result in results] == ["NOT_FOUND", "NOT_FOUND"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda queue: [], ["operations"]),
        (lambda queue: queue * 51, ["operations"]),
        (lambda queue: [{}], ["operations", "0"]),
        (
            lambda queue: [queue[0] | {"workerSwitch": {"isActive": True, "idempotencyKey": "two"}}],
            ["operations", "0"],
        ),
        (lambda queue: [queue[0] | {"dependsOn": ["k1"]}], ["operations", "0", "dependsOn"]),
        (lambda queue: [queue[0], queue[0] | {"dependsOn": ["nobody"]}], ["operations", "1", "dependsOn"]),
    ],
)
async def test_a_queue_that_makes_no_sense_is_refused_as_a_whole(
    api: Api, commands: Commands, brian: Actor, worker_id: str, change: Any, path: list[str]
) -> None:
    before = (await commands.events(), await commands.trail())

    payload = (await api.as_(brian).ask(PUSH, operations=change([tip(worker_id, "k1")])))["syncPush"]

    assert payload["results"] == []
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [("VALIDATION_ERROR", path)]
    assert (await commands.events(), await commands.trail()) == before
    assert (await wallet(commands, brian)).balance == kes(10_000)


async def test_nobody_pushes_or_pulls_unknown(api: Api, worker_id: str) -> None:
    pushed = await api.run(PUSH, operations=[tip(worker_id, "k1")])
    pulled = await api.run(PULL)

    assert (pushed.codes, pulled.codes) == (["AUTHENTICATION_ERROR"], ["AUTHENTICATION_ERROR"])


class TwoMore:
    """Lets two operations pass."""

    def __init__(self) -> None:
        self.hits = 0

    def hit(self, caller: str) -> RateState:
        self.hits += 1
        return RateState(limit=3, remaining=0, reset_at=NOON + timedelta(seconds=30), is_exceeded=self.hits > 3)


async def test_each_operation_counts_against_the_general_limit(
    api: Api, commands: Commands, brian: Actor, worker_id: str
) -> None:
    limited = Api(replace(api._process, limiter=TwoMore()), brian)

    results = (await limited.ask(PUSH, operations=[tip(worker_id, f"k{n}") for n in range(5)]))["syncPush"]["results"]

    assert [result["__typename"] for result in results] == ["SyncAccepted"] * 3 + ["SyncRefused"] * 2
    assert {result["errors"][0]["code"] for result in results[3:]} == {"RATE_LIMIT_EXCEEDED"}
    assert results[3]["errors"][0]["retryable"]
    assert (await wallet(commands, brian)).balance == kes(7_000)


async def test_a_queue_that_comes_months_later_is_still_replayed(
    api: Api, commands: Commands, brian: Actor, worker_id: str, tmp_path: Path
) -> None:
    await push(api, brian, tip(worker_id, "k1"))
    parts = make_parts(commands, tmp_path, sealer=AesSealer(bytes(32)))
    commands.later(timedelta(days=365))
    await purge_old_answers(parts)

    (result,) = await push(api, brian, tip(worker_id, "k1"))

    assert result["__typename"] == "SyncReplayed"
    assert (await wallet(commands, brian)).balance == kes(9_000)


async def test_a_device_learns_what_changed_once_and_only_what_is_its_persons(
    api: Api, commands: Commands, brian: Actor, otieno: Actor, worker_id: str
) -> None:
    stranger = await make_holder(commands)
    begun = await pull(api, otieno)
    assert [(change["__typename"], change["version"]) for change in begun["changes"]] == [("Worker", 0)]
    code = await make_qr(commands, otieno, spot="Bar")
    await push(api, brian, tip(worker_id, "k1", note="Asante"))
    await api.as_(otieno).command("workerSwitch", "worker { id }", isActive=False)

    mine = await pull(api, otieno, begun["nextCursor"])
    givers = await pull(api, brian)
    nothing = await pull(api, otieno, mine["nextCursor"])
    await api.as_(otieno).command("tipQrWithdraw", "qr { id }", qrId=code.label)
    later = await pull(api, otieno, nothing["nextCursor"])

    assert [change["__typename"] for change in mine["changes"]] == ["TipQr", "Tip", "Worker"]
    assert mine["changes"][2]["isActive"] is False
    assert [change["note"] for change in givers["changes"]] == ["Asante"]
    assert (nothing["changes"], nothing["hasMore"]) == ([], False)
    assert [(change["__typename"], change["version"]) for change in later["changes"]] == [("TipQr", 1)]
    assert (await pull(api, stranger))["changes"] == []


async def test_changes_come_in_pages_without_hole_or_double(
    api: Api, commands: Commands, brian: Actor, worker_id: str
) -> None:
    made = [result["subject"]["id"] for result in await push(api, brian, *[tip(worker_id, f"k{n}") for n in range(7)])]
    seen, after, pages = [], None, 0
    while True:
        page = await pull(api, brian, after, first=3)
        seen += [change["id"] for change in page["changes"]]
        after, pages = page["nextCursor"], pages + 1
        if not page["hasMore"]:
            break

    assert (seen, pages) == (made, 3)


async def test_what_is_committed_late_is_not_passed_over(
    api: Api, commands: Commands, brian: Actor, otieno: Actor, worker_id: str
) -> None:
    async with commands.database.engine.connect() as slow:
        await slow.execute(text("update workers set version = version + 1"))  # draws its number first
        await push(api, brian, tip(worker_id, "k1"))
        early = await pull(api, otieno)
        await slow.commit()

    late = await pull(api, otieno, early["nextCursor"])

    seen = [change["__typename"] for page in (early, late) for change in page["changes"]]
    assert sorted(seen[-2:]) == ["Tip", "Worker"]
    assert late["changes"][-2:] != []
    assert {change["__typename"] for change in late["changes"]} == {"Tip", "Worker"}


async def test_cursors_are_one_persons_and_nobody_makes_them(
    api: Api, brian: Actor, otieno: Actor, worker_id: str
) -> None:
    await push(api, brian, tip(worker_id, "k1"))
    theirs = (await pull(api, otieno))["nextCursor"]

    for cursor in (theirs, "", "x", theirs[:-2]):
        assert (await api.as_(brian).run(PULL, after=cursor)).codes == ["VALIDATION_ERROR"]
    for first in (0, -1, 51):
        assert (await api.as_(brian).run(PULL, first=first)).codes == ["VALIDATION_ERROR"]
