"""The servers that every other test stands on."""

import asyncpg
import redis.asyncio as redis


async def test_the_test_database_answers(database_url: str) -> None:
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))

    version = await connection.fetchval("SHOW server_version_num")

    assert int(version) >= 150000
    await connection.close()


async def test_the_test_redis_answers(redis_url: str) -> None:
    client = redis.from_url(redis_url)

    assert await client.ping() is True
    await client.aclose()
