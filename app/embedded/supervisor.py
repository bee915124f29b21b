"""Starts servers and programs, starts again what dies, and ends all of it in order."""

import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from types import FrameType, TracebackType
from typing import Self

from app.embedded.child import Program, Server, Watched, ending
from app.embedded.process import end_all

DEATHS_BEFORE_READY_MAX = 3
TICK_SECONDS = 0.25
READY_TICK_SECONDS = 0.02
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):
    """Somebody asked us to end: Ctrl-C, a signal, a closed terminal."""


class NotReady(Exception):
    """Something did not come up; the text says what."""


class Supervisor:
    """A context: what was started in it is gone after it. It lives in the main thread and owns the process' signals.

    A signal only leaves a mark; `StopRequested` is raised where the supervisor waits, so no half-started child is lost.
    """

    def __init__(self, servers: Sequence[Server], *, say: Callable[[str], None]) -> None:
        self._servers = servers
        self._say = say
        self._watched: list[Watched] = []
        self._programs: list[Program] = []
        self._stop_requested = False
        self._wake, self._alarm = socket.socketpair()

    def __enter__(self) -> Self:
        self._wake.setblocking(False)
        self._alarm.setblocking(False)
        signal.set_wakeup_fd(self._alarm.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a handler of any kind makes it wake us
        for request in STOP_SIGNALS:
            signal.signal(request, self._request_stop)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for request in STOP_SIGNALS:
            signal.signal(request, self._hurry)
        for wave in sorted({program.wave for program in self._programs}):
            members = [program for program in self._programs if program.wave == wave]
            end_all([program.process for program in members], seconds=max(each.stop_seconds for each in members))
        for server in reversed(self._servers):
            server.stop()

    def start_servers(self, *, seconds: float) -> None:
        """Start all at once, return when all answer. Raises ServerFailed for one that ends instead."""
        for server in self._servers:
            server.start()
        self._until(lambda: all([server.is_ready() for server in self._servers]), seconds=seconds, what="A server")
        self._watched.extend(Watched(server) for server in self._servers)

    def run_once(self, program: Program) -> None:
        """Run a program to its end, watching the others. Raises NotReady unless that is a good one."""
        program.start()
        self._programs.append(program)
        while (status := program.process.poll() if program.process else None) is None:
            self._all_live()
            self._pause(TICK_SECONDS)
        if status != 0:
            raise NotReady(f"{program.name} {ending(status)}.")

    def start(self, program: Program) -> None:
        """Start a program that ends by itself; how it ends concerns no other."""
        program.start()
        self._programs.append(program)

    def keep(self, *programs: Program) -> None:
        """Start programs that shall always run."""
        for program in programs:
            program.start()
            self._programs.append(program)
            self._watched.append(Watched(program))

    def wait_for(self, ready: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Return when everything lives and `ready` says so. Raises NotReady."""
        self._until(lambda: self._all_live() and ready(), seconds=seconds, what=what)

    def watch(self) -> None:
        """Start again what dies, until StopRequested is raised."""
        while True:
            self._look()
            self._pause(TICK_SECONDS)

    def _all_live(self) -> bool:
        self._look()
        for watched in self._watched:
            if watched.deaths >= DEATHS_BEFORE_READY_MAX:
                raise NotReady(f"{watched.child.name} ended {watched.deaths} times before it was ready.")
        return all(watched.restart_at is None for watched in self._watched)

    def _look(self) -> None:
        for watched in self._watched:
            watched.look(self._say)

    def _until(self, ready: Callable[[], bool], *, seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                raise NotReady(f"{what} did not answer within {seconds:.0f} s.")
            self._pause(READY_TICK_SECONDS)

    def _pause(self, seconds: float) -> None:
        """Wait for a signal, at most `seconds`."""
        if not self._stop_requested and select.select([self._wake], [], [], seconds)[0]:
            self._wake.recv(4096)
        if self._stop_requested:
            raise StopRequested

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop_requested = True

    def _hurry(self, number: int, frame: FrameType | None) -> None:
        """A second request: the programs are killed; the servers still close their files."""
        for program in self._programs:
            if program.process is not None and program.process.poll() is None:
                program.process.kill()
