"""Bank files through the API: finance makes and reads them, and nobody else does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.payouts.state import PayoutRail
from domain.settings.publishing import update_setting
from domain.uploads import Storage
from jobs.parts import Parts
from jobs.store_bank_files import store_bank_files
from tests.api import Api
from tests.commands import Commands
from tests.jobs.conftest import parts as parts  # noqa: PLC0414  # a fixture
from tests.makers.conversion import observe
from tests.makers.payouts import approve, make_payee, make_payout
from tests.makers.wallets import kes, make_holder

FILE = "id format total { amount asset } paymentsCount sha256 sizeBytes madeBy { id } state link"
ONE = f"query($id: ID!) {{ bankFile(id: $id) {{ {FILE} }} }}"
ALL = "{ bankFiles { nodes { id } } }"
INSIDE = "query($id: ID!) { bankFilePayouts(fileId: $id) { nodes { id state } } }"
MAKE = "mutation($input: BankFileCreateInput!) { bankFileCreate(input: $input) { file { id } } }"


@pytest.fixture
async def clerk(commands: Commands) -> Actor:
    await observe(commands)
    async with commands.by_system() as uow:
        value = json.dumps("KCBLKENX 0100200300 Sokoni Ltd")
        await update_setting(uow, key="payout_account_kes", value=value, reason="Opened today")
    return await make_holder(commands, roles=(Role.FINANCE,))


async def make(api: Api, who: Actor, *, key: str = "f1", **changes: str) -> Any:
    given = {"asset": "KES", "idempotencyKey": key} | changes
    return await api.as_(who).command("bankFileCreate", f"file {{ {FILE} }}", **given)


async def test_a_file_is_made_once_stored_and_linked(  # noqa: PLR0913  # fixtures
    api: Api, commands: Commands, gateways: Gateways, parts: Parts, storage: Storage, clerk: Actor
) -> None:
    amina = await make_payee(commands, kes(1_000_000))
    some = [await make_payout(commands, gateways, amina, kes(10_000), rail=PayoutRail.BANK_TRANSFER) for _ in range(2)]
    for payout in some:
        await approve(commands, clerk, payout)

    first, again = [await make(api, clerk) for _ in range(2)]

    assert again == first
    file = first["file"]
    assert {name: file[name] for name in ("format", "total", "paymentsCount", "madeBy", "state", "link")} == {
        "format": "PAIN_001",
        "total": {"amount": "200.00", "asset": "KES"},
        "paymentsCount": 2,
        "madeBy": {"id": clerk.label},
        "state": "WAITING",
        "link": None,
    }
    inside = (await api.as_(clerk).ask(INSIDE, id=file["id"]))["bankFilePayouts"]["nodes"]
    assert inside == [{"id": payout.label, "state": "SENDING"} for payout in some]
    await store_bank_files(replace(parts, sealer=gateways.sealer, storage=storage))
    stored = (await api.as_(clerk).ask(ONE, id=file["id"]))["bankFile"]
    assert stored["state"] == "STORED"
    assert stored["link"].startswith(f"/files/bank-files/{file['id']}?")
    assert (await api.as_(clerk).ask(ALL))["bankFiles"]["nodes"] == [{"id": file["id"]}]
    refused = await make(api, clerk, key="f2")
    assert [(error["__typename"], error["reason"]) for error in refused["errors"]] == [
        ("ConflictError", "NOTHING_TO_EXPORT")
    ]


async def test_nobody_else_makes_or_reads_them(api: Api, commands: Commands, gateways: Gateways, clerk: Actor) -> None:
    amina, admin = await make_payee(commands, kes(1_000_000)), await make_holder(commands, roles=(Role.ADMIN,))
    payout = await make_payout(commands, gateways, amina, kes(10_000), rail=PayoutRail.BANK_TRANSFER)
    await approve(commands, clerk, payout)

    for who in (amina, admin):
        given = {"asset": "KES", "idempotencyKey": "f1"}
        assert (await api.as_(who).run(MAKE, input=given)).codes == ["FORBIDDEN"]
        assert (await api.as_(who).run(ALL)).codes == ["FORBIDDEN"]
    assert (await api.run(ALL)).codes == ["AUTHENTICATION_ERROR"]
    refused = await make(api, clerk, asset="EUR")
    assert [error["reason"] for error in refused["errors"]] == ["PAYOUT_ACCOUNT_MISSING"]
    assert (await api.as_(clerk).ask(ALL))["bankFiles"]["nodes"] == []
    file = (await make(api, clerk, key="f3", format="CSV"))["file"]
    for document in (ONE, INSIDE):
        assert (await api.as_(amina).run(document, id=file["id"])).codes == ["FORBIDDEN"]
    assert (await api.as_(clerk).run(ONE, id=payout.label)).codes == ["VALIDATION_ERROR"]
