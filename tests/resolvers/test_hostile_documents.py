"""Documents that nobody needs: each is refused in the client's own terms and costs us little."""

from __future__ import annotations

import pytest

from domain.identity.roles import Role
from domain.ids import IdKind, encode_id
from domain.ledger.account import wallet_id_of
from domain.money import Asset
from tests.api import Api
from tests.commands import Commands
from tests.makers.people import make_person
from tests.makers.wallets import kes, make_holder


@pytest.mark.parametrize("until", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
async def test_an_instant_beyond_the_calendar_is_the_clients_fault(api: Api, commands: Commands, until: str) -> None:
    support, amina = await make_person(commands, Role.SUPPORT), await make_person(commands)
    command = f'userBlock(input: {{userId: "{amina.label}", reason: "spam", until: "{until}"}})'

    refused = await api.as_(support).run(f"mutation {{ {command} {{ errors {{ code }} }} }}")

    assert refused.codes == ["BAD_REQUEST"]


async def test_people_are_not_searched_by_what_no_keyboard_makes(api: Api, commands: Commands) -> None:
    support = await make_person(commands, Role.SUPPORT)

    refused = await api.as_(support).run(
        "query($text: String!) { users(filter: {text: $text}) { nodes { id } } }", text="a\0b"
    )

    assert refused.codes == ["VALIDATION_ERROR"]


async def test_each_of_two_transfers_in_a_document_shows_the_wallet_as_it_left_it(api: Api, commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    sent = 'transferCreate(input: {fromWalletId: $wallet, recipientId: $to, amount: {amount: "3.00", asset: KES}'
    shown = "{ transfer { wallet { version balance { amount } } } }"
    document = f"""mutation($wallet: ID!, $to: ID!) {{
        first: {sent}, idempotencyKey: "k1"}}) {shown}
        second: {sent}, idempotencyKey: "k2"}}) {shown}
    }}"""
    wallet_id = encode_id(IdKind.WALLET, wallet_id_of(amina.user_id, Asset.KES))

    answered = await api.as_(amina).ask(document, wallet=wallet_id, to=brian.label)

    assert [answered[name]["transfer"]["wallet"] for name in ("first", "second")] == [
        {"version": 2, "balance": {"amount": "7.00"}},
        {"version": 3, "balance": {"amount": "4.00"}},
    ]
