"""What `sokoni run` does before the API starts: tables, demo data, and a greeting with ready tokens."""

from __future__ import annotations

import asyncio
import os
import sys

from app.config import Settings
from app.demo import banner, tokens
from app.keys import found_key
from app.seed import seed_demo
from app.servers import database_url
from app.wiring import wired
from db.migrating import upgrade


async def prepare(settings: Settings) -> str:
    """Bring the database up to date and tell what may be tried."""
    await upgrade(database_url(settings))
    await seed_demo(settings)
    async with wired(settings, application_name="sokoni prepare") as wiring:
        await found_key(wiring)
        return banner(f"http://{settings.host}:{settings.port}", await tokens(wiring))


def main(greeting: str) -> None:
    """Prepare, and write the greeting where only its owner may read it, for it has tokens in it."""
    text = asyncio.run(prepare(Settings()))
    with os.fdopen(os.open(greeting, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


if __name__ == "__main__":
    main(sys.argv[1])
