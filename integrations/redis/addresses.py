"""What `SOKONI_REDIS_URL` may say: one server, or a cluster by some of its nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

SERVER_SCHEMES: Final = ("redis", "rediss", "unix")
CLUSTER_SUFFIX: Final = "+cluster"
CLUSTER_SCHEMES: Final = ("redis+cluster", "rediss+cluster")
DEFAULT_PORT: Final = 6379


@dataclass(frozen=True, slots=True)
class Node:
    """One server of a cluster."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """A cluster: some of its nodes, of which one must answer, and what all of them are spoken to with."""

    seeds: tuple[Node, ...]
    scheme: str
    credentials: str
    query: str

    @classmethod
    def of(cls, url: str) -> ClusterAddress:
        """Read `redis+cluster://[user:password@]host[:port],host[:port]…[?options]`; `rediss+cluster` is over TLS.

        Raises:
            ValueError: the URL is not of this form, or names a database: a cluster has only the one.
        """
        parts = urlsplit(url)
        if parts.scheme not in CLUSTER_SCHEMES or parts.path.strip("/") not in ("", "0"):
            raise ValueError("a cluster is named redis+cluster://host:port,host:port and has no databases")
        credentials, at, hosts = parts.netloc.rpartition("@")
        seeds = tuple(_node(text) for text in hosts.split(","))
        return cls(seeds, parts.scheme.removesuffix(CLUSTER_SUFFIX), credentials + at, parts.query)

    def url_of(self, node: Node) -> str:
        """The URL of one node."""
        return urlunsplit((self.scheme, f"{self.credentials}{node}", "", self.query, ""))


def is_cluster(url: str) -> bool:
    """Whether the URL names a cluster."""
    return urlsplit(url).scheme in CLUSTER_SCHEMES


def check_address(url: str) -> str:
    """The URL, when it is one that can be connected to.

    Raises:
        ValueError: it says what is wrong.
    """
    parts = urlsplit(url)
    if is_cluster(url):
        ClusterAddress.of(url)
    elif parts.scheme not in SERVER_SCHEMES:
        raise ValueError(f"Redis is named by one of {', '.join((*SERVER_SCHEMES, *CLUSTER_SCHEMES))}")
    return url


def _node(text: str) -> Node:
    parts: SplitResult = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError("a node of the cluster has no host")
    return Node(parts.hostname, parts.port or DEFAULT_PORT)
