"""How manifests are registered through the API."""

from __future__ import annotations

from typing import Any

from domain.identity.actor import Actor
from tests.api import Api

OPERATION = """
id documentId aliases name type state cost firstUsedAt lastUsedAt registeredBy registeredAt retiredAt retiredReason
owner { id }
"""
REGISTER = f"""
mutation($input: OperationsRegisterInput!) {{ operationsRegister(input: $input) {{
  operations {{ {OPERATION} }} newCount
  errors {{ __typename reason path message ... on OperationFaultError {{ fault operationId operationName }} }} }} }}
"""


async def register(api: Api, actor: Actor, manifest: object, **more: Any) -> Any:
    """The payload of a registration."""
    return (await api.as_(actor).ask(REGISTER, input={"manifest": manifest, **more}))["operationsRegister"]
