"""The sandbox shows and keeps what it would have sent."""

from __future__ import annotations

import asyncio
import io
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

from domain.identity.message import Letter, MessageChannel
from domain.ids import MessageId, new_id
from integrations.sandbox.messenger import SandboxMessenger

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Noon:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOON


def letter(text: str) -> Letter:
    return Letter(id=MessageId(new_id()), channel=MessageChannel.SMS, address="+254712345678", text=text)


async def test_every_message_is_one_line(tmp_path: Path) -> None:
    path, screen = tmp_path / "new" / "messages.jsonl", io.StringIO()
    messenger = SandboxMessenger(clock=Noon(), path=path, screen=screen)
    letters = [letter(f"first line\nof {number}") for number in range(20)]

    await asyncio.gather(*(messenger.send(each) for each in letters))

    kept = [json.loads(each) for each in path.read_text().splitlines()]
    assert sorted(each["id"] for each in kept) == sorted(str(each.id) for each in letters)
    assert kept[0] == {
        "id": kept[0]["id"],
        "channel": "SMS",
        "address": "+254712345678",
        "text": kept[0]["text"],
        "at": NOON.isoformat(),
    }
    assert screen.getvalue().count("[SMS] to +254712345678: first line") == 20


def test_a_letter_does_not_show_itself_in_logs() -> None:
    shown = repr(letter("482913"))

    assert "482913" not in shown
    assert "712345678" not in shown


async def test_what_is_kept_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"

    await SandboxMessenger(clock=Noon(), path=path, screen=io.StringIO()).send(letter("123456 is your code"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
