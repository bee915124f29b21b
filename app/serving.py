"""The API process: uvicorn with the settings that sockets by the thousand need."""

from __future__ import annotations

import gc
import socket
import sys
from typing import Final

import uvicorn

from app.asgi import Door, build_application
from app.config import Settings
from app.logging import configure_logging
from app.servers import located
from transport.http_connection import HttpConnection
from transport.websocket import websocket_protocol

SOCKET_BYTES_MAX: Final = 64 * 1024
CONCURRENT_MAX: Final = 20_000
# Of the ten that a process has, the rest is for closing what it holds.
SHUTDOWN_SECONDS: Final = 7
# Longer than clients and proxies keep a connection unused, or one that is closed meets a request on its way.
KEEP_ALIVE_SECONDS: Final = 75
# A peer that acknowledges nothing for this long is gone: the kernel then resets the connection, which uvicorn
# alone never does for a reader that stopped reading.
UNACKNOWLEDGED_MS: Final = 15_000
# libuv accepts one connection in a turn of the loop and for each descriptor that it listens by. By a single one, a
# thousand who connect to a process that works for 8 ms a turn would be let in one after the other, for 8 s.
ACCEPTED_IN_A_TURN: Final = 16
# An answer is hundreds of small dicts that end by themselves. To look for cycles among them as often as Python would is
# a tenth of the time of a wallet with its lines. What is older is looked at as often as ever: documents that were
# parsed and forgotten are cycles, and pile up to 30 MB otherwise.
COLLECTED_AT: Final = (10_000, 5, 2)


def serve(settings: Settings) -> int:
    """Serve until asked to stop; the answer is the exit status."""
    settings = located(settings)
    configure_logging(settings.log_level)
    try:
        listening = listen(settings.host, settings.port)
    except OSError as taken:
        sys.stderr.write(f"Port {settings.port} on {settings.host} is not free ({taken.strerror}); set SOKONI_PORT.\n")
        return 1
    application = build_application(settings)
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http=HttpConnection,
        ws=websocket_protocol(),
        ws_max_size=SOCKET_BYTES_MAX,
        ws_per_message_deflate=False,
        limit_concurrency=CONCURRENT_MAX,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        server_header=False,
        access_log=False,
        log_config=None,
    )
    gc.freeze()
    gc.set_threshold(*COLLECTED_AT)
    Server(config, application).run(sockets=doors_of(listening))
    return 0


class Server(uvicorn.Server):
    """Streams are ended when it begins to stop: they would go on for as long as it waits."""

    def __init__(self, config: uvicorn.Config, application: Door) -> None:
        super().__init__(config)
        self._application = application

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what goes on by itself, wait for what is under way, and cut what takes too long."""
        self._application.stop()
        await super().shutdown(sockets)


def doors_of(listening: socket.socket) -> list[socket.socket]:
    """The same listening socket by as many descriptors as connections should be let in by a turn."""
    return [listening, *(listening.dup() for _ in range(ACCEPTED_IN_A_TURN - 1))]


def listen(host: str, port: int) -> socket.socket:
    """The listening socket, taken before anything else is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    listening.set_inheritable(True)
    return listening
