"""How people appear: their own words, what staff find, and what is revealed with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from db.reads.identity import user_page
from db.tables.identity import users
from domain.errors import InvalidInput, VersionConflict
from domain.gateways import Gateways
from domain.identity.blocking import block_user
from domain.identity.errors import UserNotFound
from domain.identity.profile import PiiField, reveal_pii, update_profile
from domain.identity.roles import Role
from domain.identity.search import UserFilter
from domain.identity.user import UserStatus
from domain.ids import IdKind, UserId, encode_id, new_id
from domain.page import PageRequest
from tests.commands import Commands
from tests.makers.identity import EMAIL, PHONE, actor_of, sign_in
from tests.makers.people import make_person


async def names(commands: Commands, wanted: UserFilter, page: PageRequest | None = None) -> list[str]:
    async with commands.database.read() as connection:
        found = await user_page(connection, wanted=wanted, at=commands.now, page=page or PageRequest())
    return [user.display_name for user in found.items]


async def rename(commands: Commands, gateways: Gateways, address: str, name: str) -> UserId:
    person = actor_of(await sign_in(commands, gateways, address))
    async with commands.by(person) as uow:
        await update_profile(uow, display_name=name)
    return person.user_id


async def test_a_profile_changes_in_part(commands: Commands, gateways: Gateways) -> None:
    person = actor_of(await sign_in(commands, gateways))

    async with commands.by(person) as uow:
        await update_profile(uow, display_name="  Amina   W. ")
    async with commands.by(person) as uow:
        user = await update_profile(uow, language="sw")

    assert (user.display_name, user.language) == ("Amina W.", "sw")
    assert [event.body["language"] for event in await commands.events("profile.updated")] == ["en", "sw"]


async def test_several_faults_are_told_together_and_nothing_changes(commands: Commands, gateways: Gateways) -> None:
    person = actor_of(await sign_in(commands, gateways))

    with pytest.raises(InvalidInput) as refused:
        async with commands.by(person) as uow:
            await update_profile(uow, display_name="", language="Swahili")
    with pytest.raises(InvalidInput):
        async with commands.by(person) as uow:
            await update_profile(uow)

    assert [fault.path for fault in refused.value.faults] == [("displayName",), ("language",)]
    assert await commands.events("profile.updated") == []


async def test_a_change_of_what_was_not_seen_is_refused(commands: Commands, gateways: Gateways) -> None:
    person = actor_of(await sign_in(commands, gateways))
    async with commands.by(person) as uow:
        user = await update_profile(uow, display_name="Amina")
    seen = user.version
    async with commands.by(person) as uow:
        await update_profile(uow, display_name="Amina W.", expected_version=seen)

    with pytest.raises(VersionConflict) as refused:
        async with commands.by(person) as uow:
            await update_profile(uow, display_name="Wanjiru", expected_version=seen)

    assert refused.value.current_version == seen + 1
    assert await names(commands, UserFilter()) == ["Amina W."]


async def test_a_reveal_is_audited_with_subject_fields_and_reason(commands: Commands, gateways: Gateways) -> None:
    subject = (await sign_in(commands, gateways)).user
    support = await make_person(commands, Role.SUPPORT)

    async with commands.by(support, operation="piiReveal") as uow:
        revealed = await reveal_pii(
            uow, user_id=subject.id, fields=frozenset({PiiField.PHONE}), reason="Called about a payment."
        )

    assert (revealed.phone, revealed.email) == (PHONE, None)
    audited = (await commands.trail())[-1]
    assert (audited.operation, audited.reason) == ("piiReveal", "Called about a payment.")
    assert audited.subject == encode_id(IdKind.USER, subject.id)
    assert audited.changes[0]["after"] == {"fields": ["PHONE"]}
    assert PHONE not in str(audited)
    assert PHONE not in repr(revealed)


async def test_a_reveal_without_reason_field_or_subject_reveals_nothing(commands: Commands, gateways: Gateways) -> None:
    subject = (await sign_in(commands, gateways)).user
    support = await make_person(commands, Role.SUPPORT)
    before = len(await commands.trail())
    phone = frozenset({PiiField.PHONE})

    with pytest.raises(InvalidInput):
        async with commands.by(support) as uow:
            await reveal_pii(uow, user_id=subject.id, fields=phone, reason=" ")
    with pytest.raises(InvalidInput):
        async with commands.by(support) as uow:
            await reveal_pii(uow, user_id=subject.id, fields=frozenset(), reason="Because.")
    with pytest.raises(UserNotFound):
        async with commands.by(support) as uow:
            await reveal_pii(uow, user_id=UserId(new_id()), fields=phone, reason="Because.")

    assert len(await commands.trail()) == before


async def test_people_are_found_by_name_address_role_and_status(commands: Commands, gateways: Gateways) -> None:
    amina = await rename(commands, gateways, EMAIL, "Amina")
    await rename(commands, gateways, PHONE, "100% Baraka_B")
    async with commands.by_system() as uow:
        await block_user(uow, user_id=amina, reason="Spam.", until=commands.now + timedelta(hours=1))
    await make_person(commands, Role.SUPPORT)

    assert await names(commands, UserFilter(text="amin")) == ["Amina"]
    assert await names(commands, UserFilter(text="100%")) == ["100% Baraka_B"]
    assert await names(commands, UserFilter(text="a%a")) == []
    assert await names(commands, UserFilter(text="AMINA@example.com")) == ["Amina"]
    assert await names(commands, UserFilter(text="amina@example")) == []
    assert await names(commands, UserFilter(text=PHONE)) == ["100% Baraka_B"]
    assert await names(commands, UserFilter(role=Role.SUPPORT)) == ["Wanjiru"]
    assert await names(commands, UserFilter(status=UserStatus.BLOCKED)) == ["Amina"]
    assert await names(commands, UserFilter(status=UserStatus.ACTIVE, text="amina")) == []


async def test_a_lapsed_block_counts_as_none(commands: Commands, gateways: Gateways) -> None:
    amina = await rename(commands, gateways, EMAIL, "Amina")
    async with commands.by_system() as uow:
        await block_user(uow, user_id=amina, reason="Spam.", until=commands.now + timedelta(hours=1))
    commands.later(timedelta(hours=1))

    assert await names(commands, UserFilter(status=UserStatus.BLOCKED)) == []
    assert await names(commands, UserFilter(status=UserStatus.ACTIVE)) == ["Amina"]


async def test_pages_follow_one_another(commands: Commands) -> None:
    for _ in range(5):
        await make_person(commands)
        commands.later(timedelta(minutes=1))

    async with commands.database.read() as connection:
        first = await user_page(connection, wanted=UserFilter(), at=commands.now, page=PageRequest(3))
        second = await user_page(connection, wanted=UserFilter(), at=commands.now, page=PageRequest(3, first.keys[-1]))

    assert (len(first.items), first.has_next, len(second.items), second.has_next) == (3, True, 2, False)
    assert {user.id for user in first.items}.isdisjoint(user.id for user in second.items)


@pytest.mark.parametrize("text", ["", "a", "x" * 81])
def test_a_search_text_has_limits(text: str) -> None:
    with pytest.raises(InvalidInput):
        UserFilter(text=text)


async def test_the_table_refuses_a_person_nobody_can_reach(commands: Commands) -> None:
    unreachable = {
        "id": new_id(),
        "display_name": "Nobody",
        "language": "en",
        "roles": (Role.CUSTOMER,),
        "status": UserStatus.ACTIVE,
        "access_generation": 0,
        "access_changed_at": commands.now,
        "registered_at": commands.now,
        "version": 1,
    }

    with pytest.raises(IntegrityError, match="ck_users_is_reachable"):
        async with commands.database.transaction() as connection:
            await connection.execute(insert(users), [unreachable])


async def test_a_failed_statement_does_not_tell_its_values(commands: Commands) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with commands.database.read() as connection:
            await connection.execute(text("select 1 / 0 where :phone <> ''"), {"phone": PHONE})

    assert PHONE not in str(failed.value)
