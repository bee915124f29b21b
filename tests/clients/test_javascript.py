"""What apps in JavaScript do with us; each script in `packages/` is one client."""

from __future__ import annotations

import pytest

from tests.clients.scripts import Outcome, Scripts, features_of

CLIENTS = ("apollo", "graphql_request", "graphql_sse", "graphql_ws", "persisted", "relay", "urql")
FEATURES = [pytest.param(client, name, id=f"{client}: {name}") for client in CLIENTS for name in features_of(client)]
AUDITS = 61


@pytest.mark.parametrize(("client", "feature"), FEATURES)
def test_client(scripts: Scripts, client: str, feature: str) -> None:
    outcomes = scripts.run(client)

    assert feature in outcomes, f"The script ended before it; {len(outcomes)} were tried."
    succeeded(outcomes[feature])


@pytest.mark.parametrize("audited", ["market", "small"])
def test_every_audit_of_graphql_over_http(scripts: Scripts, subtests: pytest.Subtests, audited: str) -> None:
    outcomes = scripts.run("graphql_http", AUDITED=audited)

    for name, outcome in outcomes.items():
        with subtests.test(name):
            succeeded(outcome)
    assert len(outcomes) == AUDITS


def succeeded(outcome: Outcome) -> None:
    """Fail with what the script said, and nothing else around it."""
    if not outcome.passed:
        pytest.fail(f"{outcome.name}\n{outcome.fault}", pytrace=False)
