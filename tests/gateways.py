"""What use cases ask besides their storage."""

from __future__ import annotations

import pytest

from domain.gateways import Gateways
from tests.commands import Commands
from tests.makers.identity import make_gateways


@pytest.fixture
def gateways(commands: Commands) -> Gateways:
    """The real ones, on keys that only tests know."""
    return make_gateways(commands)
