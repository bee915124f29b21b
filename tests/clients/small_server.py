"""A small schema, served by our transport in a process of its own: for what no operation of the market has."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import strawberry
import uvicorn
from strawberry.file_uploads import Upload

from transport.mounting import graphql_routes


@strawberry.type
class Query:
    @strawberry.field
    def greeting(self, name: str = "you") -> str:
        return f"Hello, {name}!"


@strawberry.type
class Receipt:
    name: str
    size: int
    media: str
    text: str


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def keep(self, file: Upload, note: str | None = None) -> Receipt:
        return await receipt(file, note)

    @strawberry.mutation
    async def keep_all(self, files: list[Upload]) -> list[Receipt]:
        return [await receipt(file, None) for file in files]


async def receipt(file: Any, note: str | None) -> Receipt:
    """What came, read to its end."""
    text = (await file.read()).decode()
    return Receipt(name=file.filename, size=file.size, media=file.content_type, text=f"{text}{note or ''}")


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncIterator[int]:
        for number in range(1, to + 1):
            yield number
            await asyncio.sleep(0.01)


def main(port: int) -> None:
    """Serve until a signal comes."""
    schema = strawberry.Schema(Query, Mutation, Subscription)
    uvicorn.run(graphql_routes(schema), port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
