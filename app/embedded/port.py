"""Whether an address is free, asked before anything is started that would want it."""

import errno
import socket


class PortTaken(Exception):
    """Another program listens on the port."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"Port {port} on {host} is taken by another program. Choose another one with SOKONI_PORT.")


def require_free_port(host: str, port: int) -> None:
    """Raises PortTaken when somebody listens there."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(address)
        except OSError as refusal:
            if refusal.errno == errno.EADDRINUSE:
                raise PortTaken(host, port) from refusal
            raise


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
