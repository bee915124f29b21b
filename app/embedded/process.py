"""Child processes that die with us, and what can be known about processes that others left behind."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from app.embedded.identity import Identity

LAUNCH = Path(__file__).with_name("launch.py")


class ServerFailed(Exception):
    """An embedded server did not start; the text says which one and the last lines of its log."""


def start(
    command: Sequence[str],
    *,
    identity: Identity,
    death_signal: signal.Signals,
    log: Path | None = None,
    environment: Mapping[str, str] | None = None,
    orders: str = "",
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own: a Ctrl-C of the terminal reaches us alone and we pass it on in order.

    It reads `orders` as its input and writes to `log`, or to where we write. `death_signal` reaches the child when the
    *thread* that calls this ends, so only the main thread may.
    """
    assert threading.current_thread() is threading.main_thread(), "children are started from the main thread"
    launch = [sys.executable, "-I", "-S", str(LAUNCH), identity.argument, str(os.getpid()), str(int(death_signal))]
    with ExitStack() as files:
        output = files.enter_context(log.open("ab")) if log else None
        given = files.enter_context(tempfile.TemporaryFile())
        given.write(orders.encode())
        given.seek(0)
        return subprocess.Popen(
            [*launch, *command], env=environment, stdin=given, stdout=output, stderr=output, start_new_session=True
        )


def wait_until(ready: Callable[[], bool], *, seconds: float) -> bool:
    """Ask every 10 ms; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def end(process: subprocess.Popen[bytes], *steps: tuple[signal.Signals, float]) -> None:
    """Send each signal in turn, waiting its seconds for the process to go; afterwards it is gone in any case."""
    for step, seconds in steps:
        if process.poll() is None:
            process.send_signal(step)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return
    if process.poll() is None:
        process.kill()
    process.wait()


def end_all(processes: Sequence[subprocess.Popen[bytes] | None], *, seconds: float) -> None:
    """Ask all at once to end, kill those that have not after `seconds`."""
    living = [process for process in processes if process is not None and process.poll() is None]
    for process in living:
        process.terminate()
    wait_until(lambda: all([process.poll() is not None for process in living]), seconds=seconds)
    for process in living:
        end(process)


def end_leftovers(belongs: Callable[[list[str]], bool], *, seconds: float = 5.0) -> None:
    """Ask every process whose command line `belongs` to end at once, kill it when it does not within `seconds`."""
    for urgency in (signal.SIGQUIT, signal.SIGKILL):
        for pid in running(belongs):
            try:
                os.kill(pid, urgency)
            except ProcessLookupError:
                continue
        if wait_until(lambda: not any(running(belongs)), seconds=seconds):
            return


def running(belongs: Callable[[list[str]], bool]) -> Iterator[int]:
    """The living processes whose command line `belongs`. A zombie has no command line, so it counts as gone."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if line and belongs(line.decode(errors="replace").rstrip("\0").split("\0")):
            yield int(folder.name)


def last_lines(log: Path, count: int = 12) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except FileNotFoundError:
        return "(no log)"
