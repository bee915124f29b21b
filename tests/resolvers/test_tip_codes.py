"""Cards by other ways than a camera with network: typed, dialled, printed; and how they are used, place by place."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from domain.identity.actor import Actor
from domain.settings.publishing import update_setting
from tests.api import Api
from tests.commands import Commands
from tests.makers.tips import make_worker
from tests.makers.wallets import kes, make_holder, wallet

CARD = "qr { id uri shortCode offline { shortCode ussd uri image(format: PNG) } }"
FIGURES = """
    query($id: ID) { qrAnalytics(qrId: $id) { scans tips conversionBasisPoints total { amount }
        byPlace { spot codes scans tips conversionBasisPoints total { amount } } } }
"""


@pytest.fixture
async def otieno(commands: Commands) -> Actor:
    """A worker."""
    person = await make_holder(commands)
    await make_worker(commands, person)
    return person


async def card(api: Api, who: Actor, **says: Any) -> Any:
    return (await api.as_(who).command("tipQrCreate", CARD, **says))["qr"]


async def give(api: Api, who: Actor, token: str, key: str, amount: str = "10.00") -> Any:
    money = {"amount": amount, "asset": "KES"}
    return await api.as_(who).command("tipGive", "tip { id }", token=token, amount=money, idempotencyKey=key)


async def test_a_short_code_that_is_typed_is_read_and_tipped_by(api: Api, commands: Commands, otieno: Actor) -> None:
    brian = await make_holder(commands, kes(10_000))
    made = await card(api, otieno, spot="Bar")
    typed = f"{made['shortCode'][:3]} {made['shortCode'][3:6]} {made['shortCode'][6:]}"
    wrong = made["shortCode"][:-1] + str((int(made["shortCode"][-1]) + 1) % 10)

    read = await api.command("tipQrResolve", "worker { name } spot", token=typed)
    given = await give(api, brian, typed, "k1")
    refused = await give(api, brian, wrong, "k2")
    await api.as_(otieno).command("tipQrWithdraw", "qr { id }", qrId=made["id"])
    withdrawn = await give(api, brian, typed, "k3")

    assert (read["worker"], read["spot"]) == ({"name": "Otieno"}, "Bar")
    assert given["errors"] == []
    assert [error["code"] for error in refused["errors"]] == ["NOT_FOUND"]
    assert [error["reason"] for error in withdrawn["errors"]] == ["TIP_QR_WITHDRAWN"]
    assert (await wallet(commands, brian)).balance == kes(9_000)
    assert (await wallet(commands, otieno)).balance == kes(1_000)


async def test_the_offline_form_is_dialled_where_there_is_a_service(
    api: Api, commands: Commands, otieno: Actor
) -> None:
    assert (await card(api, otieno))["offline"] is None

    async with commands.by_system() as uow:
        await update_setting(uow, key="ussd_service_code", value='"*384*96#"', reason="The service is open")
    api._process.settings.bust(["ussd_service_code"])
    static = await card(api, otieno)
    dynamic = await card(api, otieno, amount={"amount": "50.00", "asset": "KES"})

    assert static["offline"]["ussd"] == f"*384*96*{static['shortCode']}#"
    assert static["offline"]["uri"] == f"tel:*384*96*{static['shortCode']}%23"
    assert dynamic["offline"]["ussd"] == f"*384*96*{dynamic['shortCode']}*50#"
    assert base64.b64decode(dynamic["offline"]["image"]).startswith(b"\x89PNG")


async def test_figures_are_told_place_by_place(api: Api, commands: Commands, otieno: Actor) -> None:
    brian, other = await make_holder(commands, kes(100_000)), await make_holder(commands)
    await make_worker(commands, other, name="Other")
    bar, bar2, door, plain = [await card(api, otieno, spot=spot) for spot in ("Bar", "Bar", "Door", None)]
    theirs = await card(api, other, spot="Bar")
    for code, times in ((bar, 3), (bar2, 1), (door, 2), (theirs, 5)):
        for _ in range(times):
            await api.command("tipQrResolve", "spot", token=code["uri"])
    for number, code in enumerate((bar, bar2, door, plain, theirs)):
        assert (await give(api, brian, code["uri"], f"k{number}", f"{number + 1}0.00"))["errors"] == []

    every = (await api.as_(otieno).ask(FIGURES))["qrAnalytics"]
    one = (await api.as_(otieno).ask(FIGURES, id=door["id"]))["qrAnalytics"]

    def place(spot: str | None, codes: int, scans: int, tips: int, basis_points: int, amount: str) -> dict[str, Any]:
        return {
            "spot": spot,
            "codes": codes,
            "scans": scans,
            "tips": tips,
            "conversionBasisPoints": basis_points,
            "total": {"amount": amount},
        }

    assert every["byPlace"] == [
        place("Bar", 2, 4, 2, 5_000, "30.00"),
        place("Door", 1, 2, 1, 5_000, "30.00"),
        place(None, 1, 0, 1, 0, "40.00"),
    ]
    assert (every["scans"], every["tips"], every["total"]) == (6, 4, {"amount": "100.00"})
    assert one["byPlace"] == [place("Door", 1, 2, 1, 5_000, "30.00")]
    assert (await api.as_(otieno).run(FIGURES, id=theirs["id"])).codes == ["NOT_FOUND"]
    assert (await api.as_(brian).run(FIGURES)).codes == ["NOT_FOUND"]
