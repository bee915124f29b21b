"""Three Valkeys that share the slots: no replicas, so a node that dies takes its slots with it until it is back."""

from __future__ import annotations

import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from app.embedded.places import Places, places_for
from app.embedded.process import end, start, wait_until
from app.embedded.valkey import PACKAGE, program
from tests.servers import DISK, PREFIX, remove

HOST = "127.0.0.1"
NODES = 3


class ClusterMember:
    """One node, on a port of its own, that comes back with the slots it had."""

    def __init__(self, places: Places, port: int, bus_port: int) -> None:
        self._places, self.port, self._bus_port = places, port, bus_port
        self._process: subprocess.Popen[bytes] | None = None
        self.admin = redis.Redis(HOST, port, decode_responses=True)

    def start(self) -> None:
        """Start without waiting."""
        settings = {
            "bind": HOST,
            "port": str(self.port),
            "cluster-enabled": "yes",
            "cluster-port": str(self._bus_port),
            "cluster-node-timeout": "1000",
            "cluster-require-full-coverage": "no",
            "dir": str(self._places.folder(f"node-{self.port}")),
            "save": "",
        }
        self._process = start(
            [
                str(self._places.program(PACKAGE, program())),
                *(word for name, value in settings.items() for word in (f"--{name}", value)),
            ],
            identity=self._places.identity,
            death_signal=signal.SIGKILL,
            log=self._places.log(f"node-{self.port}"),
        )

    def order(self, *words: str | int) -> Any:
        """What the node answers."""
        return self.admin.execute_command(*words)  # type: ignore[no-untyped-call]

    def kill(self) -> None:
        """End it at once."""
        assert self._process is not None
        end(self._process)

    def answers(self) -> bool:
        """Whether it takes commands."""
        try:
            return bool(self.admin.ping())
        except redis.RedisError:
            return False

    def is_whole(self) -> bool:
        """Whether it knows all slots and all nodes, and they are well."""
        try:
            told = self.order("CLUSTER INFO")
            shards = self.order("CLUSTER NODES")
        except redis.RedisError:
            return False
        return (
            told["cluster_state"] == "ok"
            and told["cluster_slots_ok"] == str(REDIS_CLUSTER_HASH_SLOTS)
            and len([node for node in shards.values() if node["connected"] and "fail" not in node["flags"]]) == NODES
        )


class ValkeyCluster:
    """The members, and what a test does to them."""

    def __init__(self, members: list[ClusterMember]) -> None:
        self.members = members

    @property
    def url(self) -> str:
        """As `SOKONI_REDIS_URL` names it."""
        return "redis+cluster://" + ",".join(f"{HOST}:{member.port}" for member in self.members)

    def form(self) -> None:
        """Share the slots and make the members known to each other."""
        share = REDIS_CLUSTER_HASH_SLOTS // NODES + 1
        for number, member in enumerate(self.members):
            last = min(REDIS_CLUSTER_HASH_SLOTS, (number + 1) * share) - 1
            member.order("CLUSTER SET-CONFIG-EPOCH", number + 1)
            member.order("CLUSTER ADDSLOTSRANGE", number * share, last)
            member.order("CLUSTER MEET", HOST, self.members[0].port, self.members[0]._bus_port)

    def until_whole(self) -> None:
        assert wait_until(lambda: all([member.is_whole() for member in self.members]), seconds=30)

    def home_of(self, channel: str) -> ClusterMember:
        """Who serves the channel."""
        slot = key_slot(channel.encode())
        for first, last, (_, port, *_), *_ in self.members[0].order("CLUSTER SLOTS"):
            if int(first) <= slot <= int(last):
                return next(member for member in self.members if member.port == int(port))
        raise AssertionError("nobody serves the slot")

    def move_slot(self, channel: str, *, to: ClusterMember) -> None:
        """Give the channel's slot, which holds no keys, to another member."""
        slot, origin = key_slot(channel.encode()), self.home_of(channel)
        new_id, old_id = to.order("CLUSTER MYID"), origin.order("CLUSTER MYID")
        # Announced first: only then does the new owner take a configuration epoch that wins over the old one's.
        to.order("CLUSTER SETSLOT", slot, "IMPORTING", old_id)
        origin.order("CLUSTER SETSLOT", slot, "MIGRATING", new_id)
        for member in (to, origin, *(one for one in self.members if one not in (to, origin))):
            member.order("CLUSTER SETSLOT", slot, "NODE", new_id)


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


@pytest.fixture(scope="session")
def cluster_of_the_run() -> Iterator[ValkeyCluster]:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=DISK))
    places = places_for(folder)
    ports = free_ports(2 * NODES)
    cluster = ValkeyCluster([ClusterMember(places, ports[n], ports[NODES + n]) for n in range(NODES)])
    try:
        for member in cluster.members:
            member.start()
        assert wait_until(lambda: all([member.answers() for member in cluster.members]), seconds=30)
        cluster.form()
        yield cluster
    finally:
        for member in cluster.members:
            member.kill()
        remove(places, folder)


@pytest.fixture
def valkey_cluster(cluster_of_the_run: ValkeyCluster) -> ValkeyCluster:
    """A cluster with all its nodes; a test that kills one starts it again."""
    cluster_of_the_run.until_whole()
    return cluster_of_the_run
