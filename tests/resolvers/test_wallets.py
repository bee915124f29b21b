"""Wallets through the API: what is shown to whom, what is sent once, and what each refusal looks like."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from db.tables.idempotency import idempotency_keys
from db.tables.identity import users
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.identity.user import UserStatus
from domain.ids import IdKind, encode_id, new_id
from domain.ledger import chart
from domain.ledger.account import wallet_id_of
from domain.ledger.codes import TransferCode
from domain.ledger.holds import hold
from domain.money import Asset
from tests.api import Api
from tests.commands import NOON, Commands
from tests.makers.wallets import grant, kes, make_holder, points, posted, sending, usdt, verified, wallet

MONEY = "{ amount asset units scale }"
WALLETS = f"{{ viewer {{ wallets {{ id asset balance {MONEY} held {{ amount }} available {{ amount }} version }} }} }}"
WALLET = "query($id: ID!) { wallet(id: $id) { id asset available { amount } owner { id } } }"
LINES = """
    query($id: ID!, $first: Int, $after: String) {
        wallet(id: $id) {
            transactions(first: $first, after: $after) {
                nodes {
                    id type status code amount { amount asset } runningBalance { amount } reference note createdAt
                }
                nextCursor
                pageInfo { hasNextPage hasPreviousPage }
            }
        }
    }
"""
TRANSFER = "transfer { id reference code amount { amount asset } note createdAt wallet { available { amount } } }"


def public_wallet(holder: Actor, asset: Asset = Asset.KES) -> str:
    return encode_id(IdKind.WALLET, wallet_id_of(holder.user_id, asset))


def lunch(sender: Actor, recipient: str, amount: str = "3.00", **changes: Any) -> dict[str, Any]:
    given = {
        "fromWalletId": public_wallet(sender),
        "recipientId": recipient,
        "amount": {"amount": amount, "asset": "KES"},
        "note": "for lunch",
        "idempotencyKey": "k1",
    }
    return given | changes


async def test_people_see_their_three_wallets(api: Api, commands: Commands) -> None:
    amina = await make_holder(commands, kes(1_050), points(7), usdt(1))

    shown = (await api.as_(amina).ask(WALLETS))["viewer"]["wallets"]

    assert [(one["asset"], one["balance"], one["held"], one["available"], one["version"]) for one in shown] == [
        (asset, {"amount": amount, "asset": asset, "units": units, "scale": scale}, {"amount": zero}, left, 1)
        for asset, amount, units, scale, zero, left in (
            ("POINTS", "7", "7", 0, "0", {"amount": "7"}),
            ("USDT", "0.000001", "1", 6, "0.000000", {"amount": "0.000001"}),
            ("KES", "10.50", "1050", 2, "0.00", {"amount": "10.50"}),
        )
    ]


async def test_a_wallet_is_shown_to_its_owner_and_to_finance(api: Api, commands: Commands) -> None:
    amina, clerk = await make_holder(commands, kes(1_050)), await make_holder(commands, roles=(Role.FINANCE,))
    brian = await make_holder(commands)

    for who in (amina, clerk):
        shown = await api.as_(who).ask(WALLET, id=public_wallet(amina))
        assert shown["wallet"] == {
            "id": public_wallet(amina),
            "asset": "KES",
            "available": {"amount": "10.50"},
            "owner": {"id": amina.label},
        }
    for wallet_id in (public_wallet(amina), encode_id(IdKind.WALLET, new_id())):
        refused = await api.as_(brian).run(WALLET, id=wallet_id)
        assert (refused.codes, refused.errors[0]["message"]) == (["NOT_FOUND"], "No such wallet.")
    assert (await api.run(WALLET, id=public_wallet(amina))).codes == ["AUTHENTICATION_ERROR"]
    assert (await api.as_(amina).run(WALLET, id=amina.label)).codes == ["VALIDATION_ERROR"]


async def test_wallets_that_are_asked_for_together_are_still_shown_to_their_owners_only(
    api: Api, commands: Commands
) -> None:
    amina, brian = await make_holder(commands, kes(1_050)), await make_holder(commands, kes(70))
    asked = ((amina, amina), (brian, amina), (brian, brian), (amina, brian))

    answers = await asyncio.gather(*(api.as_(who).run(WALLET, id=public_wallet(whose)) for who, whose in asked))
    lines = await asyncio.gather(*(api.as_(who).run(LINES, id=public_wallet(whose)) for who, whose in asked))

    own, not_brians, brians, not_aminas = answers
    assert own.data is not None
    assert own.data["wallet"]["available"] == {"amount": "10.50"}
    assert brians.data is not None
    assert brians.data["wallet"]["available"] == {"amount": "0.70"}
    assert not_brians.codes == not_aminas.codes == ["NOT_FOUND"]
    assert [each.codes for each in lines] == [[], ["NOT_FOUND"], [], ["NOT_FOUND"]]
    amounts = [
        [line["amount"]["amount"] for line in each.data["wallet"]["transactions"]["nodes"]]
        for each in (lines[0], lines[2])
        if each.data is not None
    ]
    assert amounts == [["10.50"], ["0.70"]]


async def test_a_person_sends_and_both_read_it(api: Api, commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    payload = await api.as_(amina).command("transferCreate", TRANSFER, **lunch(amina, brian.label))

    transfer = payload["transfer"]
    assert payload["errors"] == []
    assert transfer["id"].startswith("trf_")
    assert {name: transfer[name] for name in ("code", "amount", "note", "createdAt", "wallet")} == {
        "code": "PERSON_TO_PERSON",
        "amount": {"amount": "3.00", "asset": "KES"},
        "note": "for lunch",
        "createdAt": "2026-11-20T12:00:00.000Z",
        "wallet": {"available": {"amount": "7.00"}},
    }
    sides = []
    for who in (amina, brian):
        lines = (await api.as_(who).ask(LINES, id=public_wallet(who)))["wallet"]["transactions"]["nodes"]
        sides.append(lines[0])
    assert [(side["type"], side["status"], side["amount"]["amount"], side["runningBalance"]) for side in sides] == [
        ("DEBIT", "COMPLETED", "3.00", {"amount": "7.00"}),
        ("CREDIT", "COMPLETED", "3.00", {"amount": "3.00"}),
    ]
    assert {side["reference"] for side in sides} == {transfer["reference"]}
    assert {side["note"] for side in sides} == {"for lunch"}
    assert len({side["id"] for side in sides}) == 2


async def test_the_line_has_the_id_that_the_event_told(api: Api, commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    await posted(commands, sending("transfer:1", amina, brian, kes(1)))

    (line,) = (await api.as_(brian).ask(LINES, id=public_wallet(brian)))["wallet"]["transactions"]["nodes"]
    (told,) = [
        event.body["txn"]["id"]
        for event in await commands.events("wallet.update")
        if event.body["user_id"] == str(brian.user_id)
    ]
    assert line["id"] == encode_id(IdKind.TRANSACTION, UUID(told))


async def test_lines_come_in_pages_with_cursors_of_their_own_wallet(api: Api, commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000), points(5)), await make_holder(commands)
    for number in range(4):
        await posted(commands, sending(f"transfer:{number}", amina, brian, kes(1)))
    own = api.as_(amina)

    first = (await own.ask(LINES, id=public_wallet(amina), first=3))["wallet"]["transactions"]
    second = (await own.ask(LINES, id=public_wallet(amina), first=3, after=first["nextCursor"]))["wallet"][
        "transactions"
    ]

    references = [line["reference"] for line in (*first["nodes"], *second["nodes"])]
    assert references[:4] == ["transfer:3", "transfer:2", "transfer:1", "transfer:0"]
    assert len(references) == 5
    assert (first["pageInfo"], second["pageInfo"]) == (
        {"hasNextPage": True, "hasPreviousPage": False},
        {"hasNextPage": False, "hasPreviousPage": True},
    )
    assert second["nextCursor"] is None
    points_wallet = public_wallet(amina, Asset.POINTS)
    for changes in ({"first": 51}, {"first": 0}, {"after": "Zm9yZ2Vk"}, {"after": first["nextCursor"]}):
        refused = await own.run(LINES, id=points_wallet, **changes)
        assert refused.codes == ["VALIDATION_ERROR"]


async def test_a_wallets_owner_reads_what_is_set_aside(api: Api, commands: Commands) -> None:
    amina = await make_holder(commands, kes(1_000))
    async with commands.by_system() as uow:
        await hold(
            uow,
            reference="payout:1:held",
            account=chart.user_wallet(amina.user_id, Asset.KES),
            amount=kes(400),
            code=TransferCode.PERSON_TO_PERSON,
            expires_at=NOON + timedelta(days=1),
        )

    lines = (await api.as_(amina).ask(LINES, id=public_wallet(amina)))["wallet"]["transactions"]["nodes"]

    assert [(line["type"], line["status"], line["amount"]["amount"]) for line in lines] == [
        ("DEBIT", "PENDING", "4.00"),
        ("CREDIT", "COMPLETED", "10.00"),
    ]
    shown = (await api.as_(amina).ask(WALLETS))["viewer"]["wallets"][-1]
    assert (shown["balance"]["amount"], shown["held"], shown["available"]) == (
        "10.00",
        {"amount": "4.00"},
        {"amount": "6.00"},
    )


async def test_fifty_equal_requests_with_one_key_have_one_effect_and_one_answer(api: Api, commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    stable = "transfer { id reference amount { amount } createdAt }"

    payloads = await asyncio.gather(
        *(api.as_(amina).command("transferCreate", stable, **lunch(amina, brian.label)) for _ in range(50))
    )

    assert all(payload == payloads[0] for payload in payloads)
    assert payloads[0]["errors"] == []
    assert (await wallet(commands, amina)).balance == kes(700)
    assert (await verified(commands)).transfers == 2


async def test_a_key_with_other_input_is_refused(api: Api, commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    await api.as_(amina).command("transferCreate", TRANSFER, **lunch(amina, brian.label))

    refused = await api.as_(amina).command("transferCreate", TRANSFER, **lunch(amina, brian.label, "4.00"))

    assert (refused["transfer"], refused["errors"][0]["reason"]) == (None, "IDEMPOTENCY_KEY_PARAMETER_MISMATCH")
    assert (await wallet(commands, amina)).balance == kes(700)


async def test_a_key_whose_answer_was_forgotten_still_pays_once(api: Api, commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    first = await api.as_(amina).command("transferCreate", TRANSFER, **lunch(amina, brian.label))
    async with commands.database.transaction() as connection:
        await connection.execute(delete(idempotency_keys))
    commands.later(timedelta(days=8))

    again = await api.as_(amina).command("transferCreate", TRANSFER, **lunch(amina, brian.label))

    assert again == first
    assert (await wallet(commands, amina)).balance == kes(700)
    async with commands.database.transaction() as connection:
        await connection.execute(delete(idempotency_keys))
    refused = await api.as_(amina).command("transferCreate", TRANSFER, **lunch(amina, brian.label, "4.00"))
    assert [(error["__typename"], error["reason"]) for error in refused["errors"]] == [
        ("ConflictError", "REFERENCE_REUSED")
    ]


async def test_a_late_replay_with_another_note_shows_the_one_that_was_booked(api: Api, commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    first = await api.as_(amina).command("transferCreate", TRANSFER, **lunch(amina, brian.label))
    async with commands.database.transaction() as connection:
        await connection.execute(delete(idempotency_keys))

    again = await api.as_(amina).command("transferCreate", TRANSFER, **lunch(amina, brian.label, note="for dinner"))

    assert again == first
    assert again["transfer"]["note"] == "for lunch"


async def test_too_little_says_how_much_there_is(api: Api, commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(250)), await make_holder(commands)
    selection = f"{TRANSFER} errors {{ ... on InsufficientFundsError {{ available {MONEY} required {MONEY} }} }}"

    refused = await api.as_(amina).command("transferCreate", selection, **lunch(amina, brian.label))

    (error,) = refused["errors"]
    assert refused["transfer"] is None
    assert (error["__typename"], error["code"], error["reason"]) == (
        "InsufficientFundsError",
        "CONFLICT_ERROR",
        "INSUFFICIENT_FUNDS",
    )
    assert (error["available"]["amount"], error["required"]["amount"]) == ("2.50", "3.00")
    assert (await wallet(commands, brian)).balance == kes(0)


async def test_a_refused_transfer_may_be_sent_again_under_its_key(api: Api, commands: Commands) -> None:
    amina, brian = await make_holder(commands), await make_holder(commands)
    await api.as_(amina).command("transferCreate", TRANSFER, **lunch(amina, brian.label))

    await posted(commands, grant(chart.user_wallet(amina.user_id, Asset.KES), kes(300)))
    sent = await api.as_(amina).command("transferCreate", TRANSFER, **lunch(amina, brian.label))

    assert sent["errors"] == []
    assert (await wallet(commands, brian)).balance == kes(300)


async def test_a_transfer_goes_to_a_wallet_of_the_same_asset_and_to_nobody_blocked(
    api: Api, commands: Commands
) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    own = api.as_(amina)

    sent = await own.command("transferCreate", TRANSFER, **lunch(amina, public_wallet(brian)))
    other = await own.command(
        "transferCreate", TRANSFER, **lunch(amina, public_wallet(brian, Asset.USDT), idempotencyKey="k2")
    )
    async with commands.database.transaction() as connection:
        await connection.execute(
            update(users).where(users.c.id == brian.user_id).values(status=UserStatus.BLOCKED, blocked_reason="spam")
        )
    blocked = await own.command("transferCreate", TRANSFER, **lunch(amina, brian.label, idempotencyKey="k3"))

    assert sent["errors"] == []
    assert [(error["__typename"], error["path"]) for error in other["errors"]] == [("ValidationError", ["recipientId"])]
    assert [error["reason"] for error in blocked["errors"]] == ["RECIPIENT_CANNOT_RECEIVE"]
    assert (await wallet(commands, brian)).balance == kes(300)


async def test_a_transfer_needs_a_person_who_is_signed_in(api: Api, commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    document = "mutation($input: TransferCreateInput!) { transferCreate(input: $input) { errors { code } } }"

    refused = await api.run(document, input=lunch(amina, brian.label))

    assert refused.codes == ["AUTHENTICATION_ERROR"]
    assert (await wallet(commands, amina)).balance == kes(1_000)
