"""The explorer's examples as its page reads them: documents, who acts, and variables with places to fill in."""

from __future__ import annotations

import json
import re
import secrets
from base64 import b64decode
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from app.explorer.building import DOCUMENTS, EXAMPLES

FLOWS: dict[str, Any] = json.loads((EXAMPLES / "flows.json").read_text())


@dataclass(frozen=True)
class Example:
    """One thing to try; `refused` names the error that it is there to show."""

    title: str
    text: str
    person: str | None
    variables: dict[str, Any]
    refused: str | None

    @property
    def is_live(self) -> bool:
        return re.search(r"^subscription\b", self.text, re.MULTILINE) is not None


class Asker(Protocol):
    """Asks as a demo person, or as nobody."""

    async def __call__(self, person: str | None, document: str, **variables: Any) -> dict[str, Any]: ...


def examples() -> list[Example]:
    """All of them, in the order of the page."""
    return [example_of(written) for flow in FLOWS["flows"] for written in flow["examples"]]


def example_of(written: dict[str, Any]) -> Example:
    folder, name = (DOCUMENTS, written["trusted"]) if "trusted" in written else (EXAMPLES, written["document"])
    text = (folder / f"{name}.graphql").read_text()
    return Example(written["title"], text, written.get("as"), written.get("variables", {}), written.get("refused"))


def file_in(value: object) -> bytes | None:
    """What is sent as a file, where this is a `data:` address."""
    kind, comma, written = str(value).partition(",")
    if not comma or not kind.startswith("data:"):
        return None
    content = unquote_to_bytes(written)
    return b64decode(content) if kind.endswith(";base64") else content


async def filled(value: Any, people: dict[str, dict[str, str]], ask: Asker) -> Any:
    """The value with its places filled in."""
    if isinstance(value, list):
        return [await filled(part, people, ask) for part in value]
    if isinstance(value, dict):
        return {name: await filled(part, people, ask) for name, part in value.items()}
    place = re.search(r"<([^>]+)>", value) if isinstance(value, str) else None
    return value.replace(place.group(), await found(place.group(1), people, ask)) if place else value


async def found(place: str, people: dict[str, dict[str, str]], ask: Asker) -> str:
    if place == "new word":
        return f"demo-{secrets.token_hex(4)}"
    if place not in FLOWS["ids"]:
        person, field = place.split(".")
        return people[person][field]
    sought = FLOWS["ids"][place]
    variables = await filled(sought.get("variables", {}), people, ask)
    answer: Any = await ask(sought.get("as"), sought["document"], **variables)
    for step in ["data", *sought["at"]]:
        answer = answer[step]
    assert isinstance(answer, str)
    return answer
