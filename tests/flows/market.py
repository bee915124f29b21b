"""A market of several processes for the flow tests: two APIs, a relay, a worker, one database and one Redis."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import aiohttp

from app.embedded.identity import same
from app.embedded.places import places_for
from app.embedded.process import start, wait_until
from app.embedded.valkey import ValkeyServer
from tests.databases import execute, url_of
from tests.flows.client import Caller

ROOT = Path(__file__).parents[2]
READY_SECONDS = 90.0


@dataclass
class Market:
    """Processes by name, each started by the same command line that people use."""

    folder: Path
    database_url: str
    valkey: ValkeyServer
    settings: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    people: dict[str, dict[str, str]] = field(default_factory=dict)
    daraja: str = ""
    acquirers: str = ""
    mails: dict[Path, EmailMessage] = field(default_factory=dict)

    def environment(self, **more: str) -> dict[str, str]:
        """What every process of this market is told."""
        return {
            **os.environ,
            "SOKONI_DATABASE_URL": self.database_url,
            "SOKONI_REDIS_URL": self.valkey.url,
            "SOKONI_DATA_DIR": str(self.folder),
            "SOKONI_RATE_LIMITS": "off",
            "SOKONI_LOG_LEVEL": "warning",
            "PYTHONPATH": str(ROOT),
            **self.settings,
            **more,
        }

    def command(self, *words: str) -> str:
        """Run one command of ours to its end and give what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, name: str, *words: str, **more: str) -> None:
        """Start a process that goes on, but never longer than the tests that started it."""
        self.processes[name] = start(
            [sys.executable, "-m", "app.cli", *words],
            identity=same(),
            death_signal=signal.SIGKILL,
            log=self.folder / f"{name}.log",
            environment=self.environment(**more),
        )

    def start_api(self, name: str) -> None:
        """Start an API process; on its old port when it had one."""
        port = self.urls[name].rpartition(":")[2] if name in self.urls else str(free_port())
        self.urls[name] = f"http://127.0.0.1:{port}"
        self.start(name, "serve", SOKONI_PORT=port)

    async def until_ready(self, name: str) -> None:
        """Wait until an API process can do its work."""
        deadline = time.monotonic() + READY_SECONDS
        while not await asyncio.to_thread(is_ready, self.urls[name]):
            assert self.processes[name].poll() is None, (self.folder / f"{name}.log").read_text()[-4000:]
            assert time.monotonic() < deadline, (self.folder / f"{name}.log").read_text()[-4000:]
            await asyncio.sleep(0.05)

    def kill(self, name: str) -> None:
        """As a power cut would."""
        self.processes[name].kill()
        self.processes[name].wait()

    async def kill_redis(self) -> None:
        """As a power cut would."""
        assert self.valkey.process is not None, "it runs"
        self.valkey.process.kill()
        await asyncio.to_thread(self.valkey.process.wait)

    async def start_redis(self) -> None:
        """Start it, or start it again on what the killed one left."""
        self.valkey.start()
        assert await asyncio.to_thread(wait_until, self.valkey.is_ready, seconds=30)

    def stop(self) -> None:
        """End all processes."""
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.valkey.stop()

    def messages(self) -> list[dict[str, Any]]:
        """What was sent: what the sandbox messenger kept, then what the mail server took, each oldest first."""
        path = self.folder / "messages.jsonl"
        kept = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        for mail in sorted((self.folder / "mails").glob("*.eml")):
            if mail not in self.mails:
                self.mails[mail] = message_from_bytes(mail.read_bytes(), EmailMessage, policy=default)
        taken = [
            {"address": mail["To"], "text": f"{mail['Subject']}\n{mail.get_content()}"} for mail in self.mails.values()
        ]
        return [*kept, *taken]

    def demo(self, http: aiohttp.ClientSession, role: str, *, api: str = "a") -> Caller:
        """The demo person of a role."""
        person = self.people[role]
        return Caller(http, self.urls[api], person["accessToken"], person["userId"], {"KES": person["walletId"]})


@contextlib.asynccontextmanager
async def open_market(
    name: str, database_url: str, template: str, folder: Path, **settings: str
) -> AsyncIterator[Market]:
    """A market on a database of this name with the demo data in it; Redis runs, and no process of ours yet."""
    await execute(
        database_url, f"drop database if exists {name} with (force)", f"create database {name} template {template}"
    )
    places = places_for(folder)
    market = Market(folder, url_of(database_url, name), ValkeyServer(places), settings)
    try:
        await market.start_redis()
        await asyncio.to_thread(market.command, "seed")
        market.people = json.loads(await asyncio.to_thread(market.command, "demo", "tokens"))
        yield market
    finally:
        await asyncio.to_thread(market.stop)
        places.leave()
        await execute(database_url, f"drop database {name} with (force)")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_ready(url: str) -> bool:
    """Whether `/readyz` says so."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
