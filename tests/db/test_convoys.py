"""Commands that are committed together: each with all it says, and no more than it would do by itself."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any, Final

from sqlalchemy import Row

from domain.errors import DomainError
from domain.idempotency import KeyReused, Replayed
from domain.identity.actor import Actor
from domain.ids import IdKind, encode_id
from domain.ledger.account import wallet_id_of
from domain.ledger.errors import InsufficientFunds
from domain.money import Asset
from tests.commands import Commands
from tests.db.riding import Payments, balances, counted, together
from tests.makers.wallets import kes, verified

OWN: Final = {"id", "event_id", "subject", "body", "changes"}


def shape_of(row: Row[Any]) -> tuple[object, ...]:
    """What rows of two payments between the same people have in common."""
    facts = row._mapping
    inside = facts.get("body") or {}
    tables = [change["table"] for change in facts.get("changes", ())]
    return (*(value for name, value in facts.items() if name not in OWN), *sorted(inside), *tables)


async def test_they_share_a_commit_and_each_leaves_what_it_would_leave_by_itself(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, chebet, daudi = people
    alone = await payments.pay(amina, brian.user_id, kes(100), "k0")
    assert payments.rode == 0

    references = await together(
        payments.pay(amina, brian.user_id, kes(100)),
        payments.pay(brian, amina.user_id, kes(30)),
        payments.pay(chebet, daudi.user_id, kes(7)),
    )

    assert payments.rode == 3
    assert await counted(commands, "distinct xmin::text", "idempotency_keys") == 2
    assert await balances(commands, people) == [830, 1_170, 993, 1_007]
    assert (await verified(commands)).is_sound
    trail = {row.changes[0]["after"]["reference"]: row for row in (await commands.trail())[-4:]}
    assert trail.keys() == {alone, *references}
    assert shape_of(trail[str(references[0])]) == shape_of(trail[alone])
    events = (await commands.events("wallet.update"))[-8:]
    assert [
        event.body["wallet_version"]
        for event in events
        if event.subject == encode_id(IdKind.WALLET, wallet_id_of(amina.user_id, Asset.KES))
    ] == [2, 3, 4]
    assert {shape_of(event) for event in events[2:4]} == {shape_of(event) for event in events[:2]}


async def test_an_answer_is_kept_and_given_again(commands: Commands, payments: Payments, people: list[Actor]) -> None:
    amina, brian, chebet, daudi = people
    first, _ = await together(payments.pay(amina, brian.user_id, kes(5)), payments.pay(chebet, daudi.user_id, kes(5)))

    again, other, fresh, new = await together(
        payments.pay(amina, brian.user_id, kes(5)),
        payments.pay(chebet, daudi.user_id, kes(6)),
        payments.pay(brian, amina.user_id, kes(1)),
        payments.pay(daudi, chebet.user_id, kes(1)),
    )

    assert isinstance(again, Replayed)
    assert again.answer == first
    assert isinstance(other, KeyReused)
    assert isinstance(fresh, str)
    assert isinstance(new, str)
    assert payments.rode == 4
    assert await balances(commands, people) == [996, 1_004, 996, 1_004]
    assert await counted(commands, "*", "idempotency_keys") == 4


async def test_twins_of_one_moment_pay_once(commands: Commands, payments: Payments, people: list[Actor]) -> None:
    amina, brian, *_ = people

    answers = await together(*(payments.pay(amina, brian.user_id, kes(5)) for _ in range(10)))

    paid = [answer for answer in answers if isinstance(answer, str)]
    assert len(paid) == 1
    assert [each.answer for each in answers if isinstance(each, Replayed)] == paid * 9
    assert await balances(commands, people[:2]) == [995, 1_005]


async def test_a_key_for_two_payments_of_one_moment_pays_one_of_them(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, chebet, daudi = people

    one, other, *others = await together(
        payments.pay(amina, brian.user_id, kes(5)),
        payments.pay(amina, brian.user_id, kes(6)),
        payments.pay(chebet, daudi.user_id, kes(7)),
    )

    assert isinstance(one, str)
    assert isinstance(other, KeyReused)
    assert payments.rode == 2
    assert await balances(commands, people) == [995, 1_005, 993, 1_007]


async def test_what_came_in_a_moment_ago_may_go_on_and_no_more(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, chebet, daudi = people

    answers = await together(
        payments.pay(amina, brian.user_id, kes(1_000)),
        payments.pay(brian, chebet.user_id, kes(2_000)),
        payments.pay(chebet, daudi.user_id, kes(3_001)),
    )

    assert [type(answer) for answer in answers] == [str, str, InsufficientFunds]
    assert await balances(commands, people) == [0, 0, 3_000, 1_000]
    assert (await verified(commands)).is_sound


async def test_who_gives_up_before_it_begins_has_paid_nothing(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, chebet, daudi = people
    leaving = asyncio.create_task(payments.pay(amina, brian.user_id, kes(5)))
    staying = [asyncio.create_task(payments.pay(chebet, who.user_id, kes(7), who.label)) for who in (brian, daudi)]
    await asyncio.sleep(0)

    leaving.cancel()
    await asyncio.gather(*staying)

    assert leaving.cancelled()
    assert payments.rode == 2
    assert await balances(commands, people) == [1_000, 1_007, 986, 1_007]


async def test_many_payments_of_few_people_lose_and_make_nothing(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    chance = Random(7)
    pairs = [chance.sample(people, 2) for _ in range(150)]

    answers = await together(
        *(
            payments.pay(payer, payee.user_id, kes(chance.randrange(1, 400)), f"k{number}")
            for number, (payer, payee) in enumerate(pairs)
        )
    )

    paid = [answer for answer in answers if isinstance(answer, str)]
    assert all(isinstance(answer, str | DomainError) for answer in answers)
    assert payments.rode > 0
    assert sum(await balances(commands, people)) == 4_000
    assert min(await balances(commands, people)) >= 0
    assert await counted(commands, "*", "idempotency_keys") == len(paid)
    assert (await verified(commands)).is_sound


async def test_one_that_comes_by_itself_does_not_ride(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, *_ = people

    assert await payments.pay(amina, brian.user_id, kes(5))

    assert payments.rode == 0
    assert await balances(commands, people[:2]) == [995, 1_005]


async def test_a_key_may_be_of_any_printable_characters(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, chebet, daudi = people
    unusual = ("quote'\"", "{a,b}\\n\\u0027", "null", "; commit --")

    async def give() -> list[str | BaseException]:
        return await together(
            *(
                payments.pay(sender, receiver.user_id, kes(5), key)
                for sender, receiver, key in zip(people, (brian, amina, daudi, chebet), unusual, strict=True)
            )
        )

    first, again = await give(), await give()

    assert payments.rode == 4
    assert [getattr(each, "answer", None) for each in again] == first
    assert await balances(commands, people) == [1_000] * 4
    assert await counted(commands, "*", "idempotency_keys") == 4
