"""Documents that nobody needs: each is refused in the client's own terms and costs us little."""

from __future__ import annotations

import pytest

from domain.identity.roles import Role
from tests.api import Api
from tests.commands import Commands
from tests.makers.people import make_person


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
