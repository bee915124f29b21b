"""Messages between processes over a cluster, whose nodes die and whose slots move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from realtime.broadcast import Broadcast, BroadcastDown
from realtime.envelope import GAP
from realtime.publishing_connection import Message
from tests.realtime.notes import following, pin, process, running, until
from tests.valkey_cluster import ClusterMember, ValkeyCluster

CHANNELS = [f"board:{number}" for number in range(60)]


Heard = dict[str, list[bytes]]


@asynccontextmanager
async def hearing(broadcast: Broadcast) -> AsyncIterator[Heard]:
    """What arrives on each channel, gap notices included."""
    heard: Heard = {channel: [] for channel in CHANNELS}
    subscriptions = [await broadcast.subscribe(channel, received.append) for channel, received in heard.items()]
    for subscription in subscriptions:
        await subscription.confirmed()
    yield heard
    for subscription in subscriptions:
        await subscription.close()


async def until_published(broadcast: Broadcast, messages: Sequence[Message]) -> None:
    """Publish once a node that is still finding its place takes messages again."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await broadcast.publish(messages)
            except BroadcastDown:
                await asyncio.sleep(0.1)


async def test_every_channel_is_delivered_by_its_node_in_order(valkey_cluster: ValkeyCluster) -> None:
    messages = [b"%d" % number for number in range(20)]
    async with (
        Broadcast(valkey_cluster.url) as sender,
        Broadcast(valkey_cluster.url) as receiver,
        hearing(receiver) as heard,
    ):
        await sender.publish([(channel, message) for message in messages for channel in CHANNELS])
        await until(lambda: all(len(received) >= 20 for received in heard.values()))

        assert heard == {channel: messages for channel in CHANNELS}

    homes = {valkey_cluster.home_of(channel).port for channel in CHANNELS}
    assert homes == {member.port for member in valkey_cluster.members}


async def test_a_node_that_dies_and_returns_tells_its_own_channels_of_a_gap_and_no_others(
    valkey_cluster: ValkeyCluster,
) -> None:
    dying = valkey_cluster.home_of(CHANNELS[0])
    homes = {channel: valkey_cluster.home_of(channel) for channel in CHANNELS}
    dead = [channel for channel in CHANNELS if homes[channel] is dying]
    living = [channel for channel in CHANNELS if homes[channel] is not dying]
    async with (
        Broadcast(valkey_cluster.url) as sender,
        Broadcast(valkey_cluster.url) as receiver,
        hearing(receiver) as heard,
    ):
        dying.kill()
        with pytest.raises(BroadcastDown):
            await sender.publish([(channel, b"while it is dead") for channel in CHANNELS])
        await until(lambda: all(b"while it is dead" in heard[channel] for channel in living))

        dying.start()
        await until(lambda: all(GAP in heard[channel] for channel in dead), seconds=20)
        await until_published(sender, [(channel, b"after") for channel in CHANNELS])
        await until(lambda: all(b"after" in received for received in heard.values()))

        assert [list(dict.fromkeys(heard[channel])) for channel in dead] == [[GAP, b"after"]] * len(dead)
        assert not any(GAP in heard[channel] for channel in living)


async def test_a_channel_whose_slot_moves_is_heard_at_its_new_node_after_a_gap_notice(
    valkey_cluster: ValkeyCluster,
) -> None:
    moving, origin = CHANNELS[0], valkey_cluster.home_of(CHANNELS[0])
    target = next(member for member in valkey_cluster.members if member is not origin)
    async with (
        Broadcast(valkey_cluster.url) as sender,
        Broadcast(valkey_cluster.url) as receiver,
        hearing(receiver) as heard,
    ):
        await sender.publish([(channel, b"before") for channel in CHANNELS])
        await until(lambda: all(received for received in heard.values()))

        valkey_cluster.move_slot(moving, to=target)
        await until(lambda: GAP in heard[moving], seconds=20)
        await sender.publish([(channel, b"after") for channel in CHANNELS])
        await until(lambda: all(b"after" in received for received in heard.values()))

        assert heard.pop(moving) == [b"before", GAP, b"after"]
        assert all(received == [b"before", b"after"] for received in heard.values())


async def test_a_channel_is_found_by_a_process_whose_map_is_old(valkey_cluster: ValkeyCluster) -> None:
    moving, origin = CHANNELS[1], valkey_cluster.home_of(CHANNELS[1])
    target = next(member for member in valkey_cluster.members if member is not origin)
    received: list[bytes] = []
    async with Broadcast(valkey_cluster.url) as sender, Broadcast(valkey_cluster.url) as receiver:
        valkey_cluster.move_slot(moving, to=target)

        subscription = await receiver.subscribe(moving, received.append)
        await subscription.confirmed()
        await sender.publish([(moving, b"message")])
        await until(lambda: GAP in received, seconds=20)
        await sender.publish([(moving, b"another")])
        await until(lambda: b"another" in received)
        await subscription.close()

    assert received[-2:] in ([GAP, b"another"], [b"message", b"another"])


async def test_a_replica_that_takes_over_is_found_by_publishers_and_listeners(
    cluster_to_break: ValkeyCluster, spare_node: ClusterMember
) -> None:
    dying = cluster_to_break.home_of(CHANNELS[0])
    dead = [channel for channel in CHANNELS if cluster_to_break.home_of(channel) is dying]
    url = cluster_to_break.url
    cluster_to_break.replicate(dying, by=spare_node)
    async with Broadcast(url) as sender, Broadcast(url) as receiver, hearing(receiver) as heard:
        dying.kill()
        await until(lambda: all(GAP in heard[channel] for channel in dead), seconds=30)
        await until_published(sender, [(channel, b"after") for channel in CHANNELS])
        await until(lambda: all(b"after" in received for received in heard.values()))

        assert [list(dict.fromkeys(heard[channel])) for channel in dead] == [[GAP, b"after"]] * len(dead)
        assert not any(GAP in heard[channel] for channel in CHANNELS if channel not in dead)


async def test_a_process_that_starts_and_subscribes_while_no_node_answers_hears_everything_later(
    valkey_cluster: ValkeyCluster,
) -> None:
    for member in valkey_cluster.members:
        member.kill()

    async with Broadcast(valkey_cluster.url) as broadcast, hearing(broadcast) as heard:
        with pytest.raises(BroadcastDown):
            await broadcast.publish([("board:0", b"too early")])
        for member in valkey_cluster.members:
            member.start()
        await until(lambda: all(GAP in received for received in heard.values()), seconds=30)
        await until_published(broadcast, [(channel, b"now") for channel in CHANNELS])
        await until(lambda: all(b"now" in received for received in heard.values()))

        assert all(set(received) == {GAP, b"now"} for received in heard.values())


async def test_a_stream_over_a_cluster_loses_nothing_when_its_node_dies(
    fresh_database_url: str, valkey_cluster: ValkeyCluster
) -> None:
    boards = [f"board:{name}" for name in "abcdef"]
    dying = valkey_cluster.home_of(boards[0])
    async with (
        process(fresh_database_url, valkey_cluster.url) as one,
        process(fresh_database_url, valkey_cluster.url) as other,
        running(one.relay()),
        AsyncExitStack() as stack,
    ):
        followers = [await stack.enter_async_context(following(other.from_the_beginning(board))) for board in boards]
        for board in "abcdef":
            await pin(one.database, "before", board=board)
        await asyncio.gather(*(follower.until_heard(1) for follower in followers))
        cursor = followers[0].events[0].position

        dying.kill()
        for number in range(50):
            for board in "abcdef":
                await pin(one.database, f"away {number}", board=board)
        dying.start()
        await asyncio.gather(*(follower.until_heard(51) for follower in followers))
        async with following(other.live.follow(boards[0], after=cursor)) as resumed:
            await resumed.until_heard(50)
            await pin(one.database, "after", board="a")
            await asyncio.gather(resumed.until_heard(51), followers[0].until_heard(52))

    expected = ["before", *[f"away {number}" for number in range(50)]]
    assert followers[0].texts == [*expected, "after"]
    assert [follower.texts for follower in followers[1:]] == [expected] * 5
    assert resumed.texts == [*expected[1:], "after"]
    assert all(follower.heard == follower.events for follower in [*followers, resumed])
