"""Three Valkeys that share the slots. Without a replica a node that dies takes its slots with it until it is back."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from app.embedded.places import Places
from app.embedded.process import end, start, wait_until
from app.embedded.valkey import PACKAGE, program
from tests.servers import DISK, places_in

HOST = "127.0.0.1"
NODES = 3
# Three servers that agree on who is who: seconds where the processors are free, minutes where they are not.
PATIENCE_SECONDS = 90


class ClusterMember:
    """One node, on a port of its own, that comes back with the slots it had."""

    def __init__(self, places: Places, port: int, bus_port: int) -> None:
        self._places, self.port, self.bus_port = places, port, bus_port
        self._process: subprocess.Popen[bytes] | None = None
        self.admin = redis.Redis(HOST, port, decode_responses=True)

    def start(self) -> None:
        """Start without waiting."""
        settings = {
            "bind": HOST,
            "port": str(self.port),
            "cluster-enabled": "yes",
            "cluster-port": str(self.bus_port),
            "cluster-node-timeout": "2500",
            "cluster-require-full-coverage": "no",
            "repl-diskless-sync-delay": "0",
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

    def is_whole(self, *, nodes: int) -> bool:
        """Whether it knows all slots and so many nodes, and they are well."""
        try:
            told = self.order("CLUSTER INFO")
            known = self.order("CLUSTER NODES")
        except redis.RedisError:
            return False
        return (
            told["cluster_state"] == "ok"
            and told["cluster_slots_ok"] == str(REDIS_CLUSTER_HASH_SLOTS)
            and len([node for node in known.values() if node["connected"] and "fail" not in node["flags"]]) == nodes
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
            member.order("CLUSTER MEET", HOST, self.members[0].port, self.members[0].bus_port)

    def until_whole(self) -> None:
        count = len(self.members)
        assert wait_until(
            lambda: all([member.is_whole(nodes=count) for member in self.members]), seconds=PATIENCE_SECONDS
        )

    def replicate(self, original: ClusterMember, *, by: ClusterMember) -> None:
        """Have another member take over when this one dies."""
        by.order("CLUSTER MEET", HOST, original.port, original.bus_port)
        self.members.append(by)
        self.until_whole()
        by.order("CLUSTER REPLICATE", original.order("CLUSTER MYID"))
        assert wait_until(
            lambda: by.admin.info("replication").get("master_link_status") == "up", seconds=PATIENCE_SECONDS
        )

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


@contextmanager
def started(count: int) -> Iterator[list[ClusterMember]]:
    """Nodes that do not know each other yet."""
    ports = free_ports(2 * count)
    with places_in(DISK) as places:
        members = [ClusterMember(places, ports[n], ports[count + n]) for n in range(count)]
        try:
            for member in members:
                member.start()
            assert wait_until(lambda: all([member.answers() for member in members]), seconds=PATIENCE_SECONDS)
            yield members
        finally:
            for member in members:
                member.kill()


@pytest.fixture(scope="session")
def cluster_of_the_run() -> Iterator[ValkeyCluster]:
    with started(NODES) as members:
        cluster = ValkeyCluster(members)
        cluster.form()
        yield cluster


@pytest.fixture
def valkey_cluster(cluster_of_the_run: ValkeyCluster) -> ValkeyCluster:
    """A cluster with all its nodes; a test that kills one starts it again."""
    cluster_of_the_run.until_whole()
    return cluster_of_the_run


@pytest.fixture
def spare_node() -> Iterator[ClusterMember]:
    """A node that belongs to no cluster."""
    with started(1) as [member]:
        yield member


@pytest.fixture
def cluster_to_break() -> Iterator[ValkeyCluster]:
    """A cluster of the test's own."""
    with started(NODES) as members:
        cluster = ValkeyCluster(members)
        cluster.form()
        cluster.until_whole()
        yield cluster
