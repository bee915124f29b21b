"""What a supervisor watches: servers, programs, and when the dead among them may start again."""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.embedded.identity import same
from app.embedded.process import start

RESTART_SECONDS_MIN = 0.2
RESTART_SECONDS_MAX = 10.0
STEADY_SECONDS = 30.0


class Server(Protocol):
    """A server that may be started again after its process was killed. It listens at a place that stays the same."""

    name: str
    process: subprocess.Popen[bytes] | None

    def start(self) -> None:
        """Start without waiting, over whatever a killed process left."""
        ...

    def is_ready(self) -> bool:
        """Whether it answers. Raises ServerFailed when its process ended instead."""
        ...

    def stop(self) -> None:
        """End it, whatever state it is in, and wait until nothing of it is left."""
        ...


@dataclass
class Program:
    """A command of ours. When all is ended, programs of a later wave outlive those of an earlier one."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    wave: int = 0
    stop_seconds: float = 12.0
    output: Path | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start without waiting. It is killed with us: what it had not committed, it had not promised."""
        self.process = start(
            self.command,
            identity=same(),
            death_signal=signal.SIGKILL,
            environment=self.environment,
            log=self.output,
        )


@dataclass
class Watched:
    """A child and its restarts: soon after a long life, ever later after short ones."""

    child: Server | Program
    started_at: float = field(default_factory=time.monotonic)
    pause_seconds: float = RESTART_SECONDS_MIN
    restart_at: float | None = None
    deaths: int = 0

    def look(self, say: Callable[[str], None]) -> None:
        """Start the child again when its time has come; note its death and say so when it died."""
        now = time.monotonic()
        process = self.child.process
        if self.restart_at is not None:
            if now >= self.restart_at:
                self.restart_at, self.started_at = None, now
                self.child.start()
        elif process is not None and process.poll() is not None:
            if now - self.started_at > STEADY_SECONDS:
                self.pause_seconds = RESTART_SECONDS_MIN
            self.restart_at, self.deaths = now + self.pause_seconds, self.deaths + 1
            say(f"{self.child.name} {ending(process.returncode)}; starting it again in {self.pause_seconds:.1f} s")
            self.pause_seconds = min(self.pause_seconds * 2, RESTART_SECONDS_MAX)


def ending(status: int) -> str:
    """How a process ended, in words."""
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
