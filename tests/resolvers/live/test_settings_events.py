"""Settings live: what changed, for whom may read it."""

from __future__ import annotations

from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.settings.publishing import update_flag, update_setting
from tests.commands import Commands
from tests.makers.people import make_person
from tests.resolvers.live.listening import HEAD, LiveApi

PUBLIC, PRIVATE = "order_fee_basis_points", "payout_day_limit_usdt_minor"
LISTEN = f"""
subscription($after: StreamCursor, $snapshot: Boolean = true) {{
  settingsEvents(after: $after, snapshot: $snapshot) {{
    __typename
    ... on SettingsSnapshot {{ cursor settings {{ key value }} featureFlags {{ key isOn }} }}
    ... on SettingsUpdated {{ {HEAD} keys }} }} }}
"""


async def set_to(commands: Commands, key: str, value: str) -> None:
    async with commands.by_system() as uow:
        await update_setting(uow, key=key, value=value, reason="for the test")


async def test_the_state_comes_first_then_the_keys_that_change(commands: Commands, live: LiveApi) -> None:
    person = await make_person(commands)
    await set_to(commands, PUBLIC, "400")
    await live.settled()

    async with live.listening(person, LISTEN) as heard:
        first = await heard.next()
        await set_to(commands, PUBLIC, "300")
        async with commands.by_system() as uow:
            await update_flag(uow, key="new_home", is_enabled=True, reason="for the test")
        changed, flagged = await heard.next(), await heard.next()

    settings = {setting["key"]: setting["value"] for setting in first["settings"]}
    assert settings[PUBLIC] == "400"
    assert PRIVATE not in settings
    assert (changed["type"], changed["keys"]) == ("settings.update", [PUBLIC])
    assert flagged["keys"] == ["flags.new_home"]


async def test_private_keys_are_told_to_those_who_may_read_them(commands: Commands, live: LiveApi) -> None:
    person, admin = await make_person(commands), await make_person(commands, Role.ADMIN)

    async with live.listening(person, LISTEN) as part, live.listening(admin, LISTEN) as whole:
        await part.next()
        first = await whole.next()
        await set_to(commands, PRIVATE, "1000000")
        await set_to(commands, PUBLIC, "300")
        for_admin = [(await whole.next())["keys"] for _ in range(2)]
        for_person = (await part.next())["keys"]

    assert PRIVATE in {setting["key"] for setting in first["settings"]}
    assert for_admin == [[PRIVATE], [PUBLIC]]
    assert for_person == [PUBLIC]


async def test_nobody_listens_without_signing_in(live: LiveApi) -> None:
    async with live.listening(Actor.anonymous(), LISTEN) as heard:
        assert (await heard.refusal())["code"] == "AUTHENTICATION_ERROR"
