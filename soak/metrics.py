"""What an API process says of itself at /metrics."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from prometheus_client.parser import text_string_to_metric_families

LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Shown:
    """All samples of one look."""

    samples: dict[tuple[str, frozenset[tuple[str, str]]], float]

    @classmethod
    async def at(cls, url: str) -> Self:
        """Ask."""
        text = await asyncio.to_thread(_read, f"{url}/metrics")
        families = text_string_to_metric_families(text)
        return cls({(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples})

    def value(self, name: str, **labels: str) -> float:
        """The sum of all samples of a name that carry these labels; 0 where there is none."""
        wanted = set(labels.items())
        return sum(value for (told, carried), value in self.samples.items() if told == name and wanted <= carried)


async def until_shown(url: str, is_so: Callable[[Shown], bool], *, seconds: float) -> Shown:
    """Look until it is so. Raises TimeoutError with the time."""
    async with asyncio.timeout(seconds):
        while not is_so(shown := await Shown.at(url)):  # noqa: ASYNC110  # another process counts
            await asyncio.sleep(LOOK_SECONDS)
    return shown


def _read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        text: str = answer.read().decode()
        return text
