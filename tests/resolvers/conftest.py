"""The API of one process, on each test's own database."""

from __future__ import annotations

import pytest

from domain.identity.actor import Actor
from resolvers.executable_schema import SokoniSchema, build_schema
from resolvers.extensions import EXTENSIONS
from resolvers.settings_cache import SettingsCache
from tests.api import Api
from tests.commands import Commands


@pytest.fixture(scope="session")
def schema() -> SokoniSchema:
    """The executable schema."""
    return build_schema(extensions=list(EXTENSIONS))


@pytest.fixture
def api(schema: SokoniSchema, commands: Commands) -> Api:
    """The API on this test's database, used by somebody unknown."""
    return Api(schema, commands, SettingsCache(commands.database), Actor.anonymous(address="203.0.113.9"))
