"""Documents that nobody needs: each is refused in the client's own terms and costs us little."""

from __future__ import annotations

import pytest
from graphql import get_introspection_query

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


def doubling(levels: int) -> str:
    """A fragment that asks for the next one twice, and so on: short to write, endless to answer."""
    each = (
        f"fragment F{level} on Category {{ a: parent {{ ...F{level + 1} }} b: parent {{ ...F{level + 1} }} }}"
        for level in range(levels)
    )
    return f"{{ categories {{ ...F0 }} }} {' '.join(each)} fragment F{levels} on Category {{ id }}"


def chain(levels: int) -> str:
    """Fragments that hide how deep they lead."""
    each = (f"fragment F{level} on Category {{ parent {{ ...F{level + 1} }} }}" for level in range(levels))
    return f"{{ categories {{ ...F0 }} }} {' '.join(each)} fragment F{levels} on Category {{ id }}"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{" + " __typename" * 100_000 + "}", "An operation has at most 15000 characters; this one has 1100002."),
        ("{" + " a" * 2_001 + "}", "An operation has at most 2000 tokens."),
        (
            "{" + " ".join(f"a{number}: __typename" for number in range(31)) + "}",
            "An operation has at most 30 aliases; this one has 31.",
        ),
        ("{" + " __typename" * 21 + "}", "An operation has at most 20 fields at its root; this one has 21."),
        ("{ categories {" + " id" * 501 + "} }", "An operation has at most 500 fields; this one has 502."),
        (chain(30), "An operation has at most 12 levels of fields; this one has 32."),
        (doubling(60), f"An operation has at most 500 fields; this one has {3 * 2**60 - 1}."),
    ],
)
async def test_a_document_beyond_the_limits_does_not_run(api: Api, document: str, message: str) -> None:
    refused = await api.run(document)

    assert refused.data is None
    assert set(refused.codes) == {"BAD_REQUEST"}
    assert message in [error["message"] for error in refused.errors]


async def test_what_tools_ask_is_within_the_limits(api: Api) -> None:
    shown = await api.ask(get_introspection_query(schema_description=True, input_value_deprecation=True))

    assert shown["__schema"]["queryType"]["name"] == "Query"


async def test_a_fragment_that_spreads_itself_is_refused(api: Api) -> None:
    refused = await api.run("{ ...F } fragment F on Query { __typename ...F }")

    assert refused.codes == ["BAD_REQUEST"]
