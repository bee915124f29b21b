"""Tips through the API: a card is made, read, and a tip given by it once; an altered or withdrawn one is worthless."""

from __future__ import annotations

import base64
import random
from typing import Any

import pytest

from domain.geo import Point
from domain.identity.actor import Actor
from domain.ids import IdKind, encode_id, new_id
from domain.tips.tip_qr import SCHEME
from tests.api import Api
from tests.commands import Commands
from tests.makers.tips import make_worker
from tests.makers.wallets import kes, make_holder, verified, wallet

PLACE = {"latitude": -1.286389, "longitude": 36.817223}
PROFILE = {"name": "Otieno", "trade": "Waiter", "placeName": "Java House", "place": PLACE}
WORKER = "worker { id name trade placeName place { latitude longitude } isActive }"
QR = "qr { id uri isDynamic spot amount { amount } withdrawnAt worker { name } }"
TIP = "tip { id worker { name } amount { amount asset } note reference givenAt }"
NEAR = """
    query($point: GeoPointInput!, $radiusMetres: Int!, $first: Int!) {
        workersNear(point: $point, radiusMetres: $radiusMetres, first: $first) { metres worker { name } } }
"""
SUMMARY = """
    query($since: DateTime!, $until: DateTime!) {
        tipSummary(since: $since, until: $until) { beginsAt tips total { amount } } }
"""
FIGURES = """
    query($id: ID!) { qrAnalytics(qrId: $id) {
        scans tips conversionBasisPoints total { amount } scansByHour tipsByHour } }
"""


def told(payload: Any) -> list[tuple[str, str | None]]:
    return [(error["__typename"], error["reason"]) for error in payload["errors"]]


@pytest.fixture
async def otieno(api: Api, commands: Commands) -> Actor:
    """A worker."""
    person = await make_holder(commands)
    await api.as_(person).command("workerRegister", "worker { id }", **PROFILE)
    return person


async def card(api: Api, who: Actor, **says: Any) -> Any:
    return (await api.as_(who).command("tipQrCreate", QR, **says))["qr"]


async def give(api: Api, who: Actor, amount: str = "50.00", *, key: str = "k1", **to: Any) -> Any:
    return await api.as_(who).command(
        "tipGive", TIP, amount={"amount": amount, "asset": "KES"}, idempotencyKey=key, **to
    )


async def test_a_person_registers_once_and_takes_a_break(api: Api, commands: Commands, otieno: Actor) -> None:
    again = await api.as_(otieno).command("workerRegister", WORKER, **PROFILE)
    paused = await api.as_(otieno).command("workerSwitch", WORKER, isActive=False)
    brian = await make_holder(commands, kes(10_000))

    assert told(again) == [("ConflictError", "WORKER_ALREADY_REGISTERED")]
    assert paused["worker"] == {
        "id": paused["worker"]["id"],
        "name": "Otieno",
        "trade": "Waiter",
        "placeName": "Java House",
        "place": PLACE,
        "isActive": False,
    }
    refused = await give(api, brian, workerId=paused["worker"]["id"])
    assert told(refused) == [("ConflictError", "WORKER_NOT_ACTIVE")]
    assert (await wallet(commands, brian)).balance == kes(10_000)
    for latitude, longitude in ((90.000001, 0.0), (0.0, -180.000001), (0.0, 1.7e308)):
        far = PROFILE | {"place": {"latitude": latitude, "longitude": longitude}}
        beyond = await api.as_(brian).command("workerRegister", WORKER, **far)
        assert [(error["__typename"], error["path"]) for error in beyond["errors"]] == [("ValidationError", ["place"])]


async def test_a_card_is_read_and_a_tip_given_by_it_once(api: Api, commands: Commands, otieno: Actor) -> None:
    brian = await make_holder(commands, kes(10_000))
    qr = await card(api, otieno)
    assert (qr["isDynamic"], qr["worker"]) == (False, {"name": "Otieno"})

    read = await api.command("tipQrResolve", "worker { name } amount { amount } spot", token=qr["uri"])
    first, again = [await give(api, brian, token=qr["uri"], note=" Asante  sana ") for _ in range(2)]

    assert read == {"worker": {"name": "Otieno"}, "amount": None, "spot": None, "errors": []}
    assert again == first
    tip = first["tip"]
    assert {name: tip[name] for name in tip if name not in ("id", "reference")} == {
        "worker": {"name": "Otieno"},
        "amount": {"amount": "50.00", "asset": "KES"},
        "note": "Asante sana",
        "givenAt": "2026-11-20T12:00:00.000Z",
    }
    assert tip["reference"] == f"tip:{tip['id']}:completed"
    assert (await wallet(commands, brian)).balance == kes(5_000)
    assert (await wallet(commands, otieno)).balance == kes(5_000)
    assert (await verified(commands)).is_sound
    given = "{ viewer { tipsGiven { nodes { id } } } }"
    received = "{ viewer { tipsReceived { nodes { id note } } } }"
    assert (await api.as_(brian).ask(given))["viewer"]["tipsGiven"]["nodes"] == [{"id": tip["id"]}]
    assert (await api.as_(otieno).ask(received))["viewer"]["tipsReceived"]["nodes"] == [
        {"id": tip["id"], "note": "Asante sana"}
    ]
    assert (await api.as_(brian).run(received)).codes == ["NOT_FOUND"]


async def test_a_dynamic_card_asks_for_its_amount(api: Api, commands: Commands, otieno: Actor) -> None:
    brian = await make_holder(commands, kes(10_000))
    qr = await card(api, otieno, amount={"amount": "20.00", "asset": "KES"}, spot="Table 4")

    read = await api.command("tipQrResolve", "amount { amount } spot", token=qr["uri"].removeprefix(SCHEME).lower())
    other = await give(api, brian, "21.00", token=qr["uri"])
    given = await give(api, brian, "20.00", key="k2", token=qr["uri"])

    assert (read["amount"], read["spot"]) == ({"amount": "20.00"}, "Table 4")
    assert told(other) == [("ConflictError", "TIP_AMOUNT_FIXED")]
    assert (given["errors"], (await wallet(commands, otieno)).balance) == ([], kes(2_000))


async def test_what_was_altered_or_withdrawn_is_worth_nothing(api: Api, commands: Commands, otieno: Actor) -> None:
    brian = await make_holder(commands, kes(10_000))
    qr, other = await card(api, otieno), await card(api, otieno)
    token = qr["uri"].removeprefix(SCHEME)
    chance = random.Random(1)
    for _ in range(40):
        place = chance.randrange(len(token) - 1)
        sign = chance.choice([each for each in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" if each != token[place]])
        forged = token[:place] + sign + token[place + 1 :]
        assert told(await api.command("tipQrResolve", "worker { name }", token=forged)) == [("NotFoundError", None)]
    for nothing in ("", "SOKO", "ä" * 42, token + "AAAA", token[:-4], base64.b32encode(bytes(26)).decode().rstrip("=")):
        assert told(await give(api, brian, token=nothing)) == [("NotFoundError", None)]

    stranger = await api.as_(brian).command("tipQrWithdraw", QR, qrId=qr["id"])
    withdrawn = await api.as_(otieno).command("tipQrWithdraw", QR, qrId=qr["id"])
    assert told(stranger) == [("NotFoundError", None)]
    assert withdrawn["qr"]["withdrawnAt"] == "2026-11-20T12:00:00.000Z"
    for refused in (
        await give(api, brian, token=qr["uri"]),
        await api.command("tipQrResolve", "worker { name }", token=qr["uri"]),
        await api.as_(otieno).command("tipQrWithdraw", QR, qrId=qr["id"]),
    ):
        assert told(refused) == [("ConflictError", "TIP_QR_WITHDRAWN")]
    assert (await wallet(commands, brian)).balance == kes(10_000)
    assert (await give(api, brian, token=other["uri"]))["errors"] == []


async def test_refusals_are_typed_and_give_nothing(api: Api, commands: Commands, otieno: Actor) -> None:
    brian = await make_holder(commands, kes(4_999))
    worker_id = (await api.as_(otieno).ask("{ viewer { worker { id } } }"))["viewer"]["worker"]["id"]

    assert told(await give(api, brian, workerId=worker_id)) == [("InsufficientFundsError", "INSUFFICIENT_FUNDS")]
    assert told(await give(api, brian, "0.99", workerId=worker_id)) == [("ValidationError", None)]
    assert told(await give(api, otieno, "1.00", workerId=worker_id)) == [("ConflictError", "OWN_TIP")]
    nobody = encode_id(IdKind.WORKER, new_id())
    assert told(await give(api, brian, "1.00", workerId=nobody)) == [("NotFoundError", None)]
    assert told(await give(api, brian, "1.00")) == [("ValidationError", None)]
    assert told(await give(api, brian, "1.00", token="x", workerId=worker_id)) == [("ValidationError", None)]
    assert told(await api.as_(brian).command("tipQrCreate", QR)) == [("NotFoundError", None)]
    assert (await wallet(commands, brian)).balance == kes(4_999)
    assert (await give(api, brian, "1.00", workerId=worker_id))["errors"] == []


async def test_workers_nearby_come_the_nearest_first(api: Api, commands: Commands) -> None:
    places = {"here": (0, 0), "near": (4_000, 0), "corner": (8_000, 8_000), "far": (200_000, 0)}
    for name, (north, east) in places.items():
        place = Point(-1_286_389 + north, 36_817_223 + east)
        await make_worker(commands, await make_holder(commands), place=place, name=name)
    break_taker = await make_holder(commands)
    await make_worker(commands, break_taker, name="break")
    await api.as_(break_taker).command("workerSwitch", "worker { id }", isActive=False)

    async def near(radius: int, first: int = 10) -> list[tuple[str, int]]:
        found = (await api.ask(NEAR, point=PLACE, radiusMetres=radius, first=first))["workersNear"]
        return [(one["worker"]["name"], one["metres"]) for one in found]

    assert await near(1_000) == [("here", 0), ("near", 445)]
    assert await near(1_300) == [("here", 0), ("near", 445), ("corner", 1_258)]
    assert await near(1_300, first=1) == [("here", 0)]
    assert await near(50_000) == [("here", 0), ("near", 445), ("corner", 1_258), ("far", 22_239)]
    for radius, first in ((0, 10), (50_001, 10), (10, 0), (10, 51)):
        refused = await api.run(NEAR, point=PLACE, radiusMetres=radius, first=first)
        assert refused.codes == ["VALIDATION_ERROR"]


async def test_figures_are_the_workers_own(api: Api, commands: Commands, otieno: Actor) -> None:
    brian = await make_holder(commands, kes(100_000))
    qr = await card(api, otieno)
    for _ in range(3):
        await api.command("tipQrResolve", "spot", token=qr["uri"])
    await give(api, brian, "10.00", key="1", token=qr["uri"])
    commands.now = commands.now.replace(day=21, hour=23, minute=59)
    await give(api, brian, "5.00", key="2", token=qr["uri"])

    figures = (await api.as_(otieno).ask(FIGURES, id=qr["id"]))["qrAnalytics"]
    month = {"since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z"}
    days = (await api.as_(otieno).ask(SUMMARY, **month))["tipSummary"]

    hours = [0] * 24
    assert figures == {
        "scans": 3,
        "tips": 2,
        "conversionBasisPoints": 6_666,
        "total": {"amount": "15.00"},
        "scansByHour": hours[:12] + [3] + hours[13:],
        "tipsByHour": hours[:12] + [1] + hours[13:23] + [1],
    }
    assert days == [
        {"beginsAt": "2026-11-20T00:00:00.000Z", "tips": 1, "total": {"amount": "10.00"}},
        {"beginsAt": "2026-11-21T00:00:00.000Z", "tips": 1, "total": {"amount": "5.00"}},
    ]
    await make_worker(commands, brian, name="Brian")
    assert (await api.as_(brian).run(FIGURES, id=qr["id"])).codes == ["NOT_FOUND"]
    backwards = {"since": month["until"], "until": month["since"]}
    assert (await api.as_(otieno).run(SUMMARY, **backwards)).codes == ["VALIDATION_ERROR"]


async def test_a_code_is_drawn_as_svg_and_png(api: Api, otieno: Actor) -> None:
    await card(api, otieno)
    drawn = await api.as_(otieno).ask("{ viewer { tipQrs { nodes { svg: image png: image(format: PNG) } } } }")

    [node] = drawn["viewer"]["tipQrs"]["nodes"]
    assert node["svg"].startswith("<svg")
    assert base64.b64decode(node["png"]).startswith(b"\x89PNG\r\n\x1a\n")


async def test_by_a_rail_it_is_promised_to_its_giver_alone(api: Api, commands: Commands, otieno: Actor) -> None:
    brian = await make_holder(commands, kes(10_000))
    worker_id = (await api.as_(otieno).ask("{ viewer { worker { id } } }"))["viewer"]["worker"]["id"]
    by_phone = {"rail": "MPESA", "phone": "0708 374 149", "workerId": worker_id}
    fields = "tip { id state failure version payment { purpose rail state mpesa { phone } topUp { fee { amount } } } }"

    async def promise(key: str, amount: str = "50", **changes: Any) -> Any:
        money = {"amount": amount, "asset": "KES"}
        return await api.as_(brian).command("tipGive", fields, amount=money, idempotencyKey=key, **by_phone | changes)

    first, again = await promise("k1"), await promise("k1")

    assert first == again
    tip = first["tip"]
    assert {name: tip[name] for name in tip if name != "id"} == {
        "state": "CREATED",
        "failure": None,
        "version": 0,
        "payment": {
            "purpose": "TIP",
            "rail": "MPESA",
            "state": "REQUESTED",
            "mpesa": {"phone": "+254••••••149"},
            "topUp": None,
        },
    }
    one = "query($id: ID!) { tip(id: $id) { state payment { state } } }"
    assert (await api.as_(brian).ask(one, id=tip["id"]))["tip"] == {
        "state": "CREATED",
        "payment": {"state": "REQUESTED"},
    }
    assert (await api.as_(otieno).run(one, id=tip["id"])).codes == ["NOT_FOUND"]
    received = "{ viewer { tipsReceived { nodes { id } } } }"
    assert (await api.as_(otieno).ask(received))["viewer"]["tipsReceived"]["nodes"] == []
    assert (await wallet(commands, brian)).balance == kes(10_000)
    assert told(await promise("k2", "50.50")) == [("ValidationError", None)]
    assert told(await promise("k3", phone="+447700900123")) == [("ValidationError", None)]
    assert told(await promise("k4", rail="BANK_TRANSFER")) == [("ConflictError", "RAIL_UNAVAILABLE")]
    assert [event.body["state"] for event in await commands.events("tip.updated")] == ["CREATED"]
