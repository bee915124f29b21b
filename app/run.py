"""`sokoni run`: everything on one machine – servers, migrations, demo data, API, relay and worker – until Ctrl-C."""

import hashlib
import http.client
import os
import sys
from contextlib import suppress
from pathlib import Path

from app.config import Settings
from app.embedded.child import Program, Server
from app.embedded.data_folder import DataFolderHeld, HeldFolder, Holder, hold
from app.embedded.places import NoPlace, Places, places_for
from app.embedded.port import PortTaken, free_port, require_free_port
from app.embedded.postgres import PostgresServer
from app.embedded.process import ServerFailed
from app.embedded.supervisor import NotReady, StopRequested, Supervisor
from app.embedded.valkey import ValkeyServer
from app.explorer import building
from app.sandbox_acquirers import unnamed

REFUSALS = (DataFolderHeld, PortTaken, NoPlace, ServerFailed, NotReady, PermissionError)
SERVERS_READY_SECONDS = 90.0  # a long recovery after a crash included
API_READY_SECONDS = 60.0
ROOT = Path(__file__).parents[1]


def run(settings: Settings) -> int:
    """Keep it all running until somebody asks to stop; the answer is the exit status."""
    if settings.is_production:
        sys.stderr.write("`sokoni run` makes demo people; in production run migrate, then serve, relay and worker.\n")
        return 1
    try:
        with hold(settings.data_dir.absolute(), address=address_of(settings)) as held:
            require_free_port(settings.host, settings.port)
            live(settings, held)
    except (StopRequested, KeyboardInterrupt):
        say("Stopped; the data stay.")
    except REFUSALS as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


def live(settings: Settings, held: HeldFolder) -> None:
    """Start everything in its order, tell the person, and watch it. Ends by an exception only."""
    household = Household(settings, held.folder)
    try:
        with Supervisor(household.servers, say=say) as supervisor:
            say(household.whereabouts())
            if settings.serves_explorer and not building.is_current():
                say("Building the explorer meanwhile …")
                supervisor.start(household.program("the explorer", "explorer"))
            supervisor.start_servers(seconds=SERVERS_READY_SECONDS)
            held.announce(household.holder)
            api = household.program("the API", "serve")
            if household.is_prepared():
                supervisor.keep(api)  # while the preparation looks for work that it will not find
            supervisor.run_once(household.program("preparing the database", "prepare"))
            if not household.is_prepared():
                supervisor.keep(api)
                household.note_prepared()
            if household.daraja_port:
                supervisor.keep(
                    household.program("M-Pesa's sandbox", "sandbox-daraja", "--port", str(household.daraja_port))
                )
            if household.acquirers_port:
                supervisor.keep(
                    household.program(
                        "the acquirers' sandbox", "sandbox-acquirers", "--port", str(household.acquirers_port)
                    )
                )
            supervisor.keep(
                household.program("the worker", "worker"),
                household.program("the relay", "relay", wave=1),  # it still publishes what the others committed
            )
            supervisor.wait_for(lambda: is_ready(settings), seconds=API_READY_SECONDS, what="The API")
            say(household.banner())
            supervisor.watch()
    finally:
        household.leave()


class Household:
    """What belongs to one `sokoni run`: the servers that no setting names, and the programs that use them."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._banner = folder / "banner.txt"
        self._metrics_port = settings.metrics_port
        self.daraja_port = None if settings.mpesa_url else free_port()
        self.acquirers_port = free_port() if unnamed(settings, "") else None
        self._places: Places | None = None if settings.database_url and settings.redis_url else places_for(folder)
        self.servers: list[Server] = []
        self._prepared: Path | None = None
        database_url, redis_url = settings.database_url, settings.redis_url
        if self._places and not database_url:
            postgres = PostgresServer(self._places)
            self.servers.append(postgres)
            self._prepared = postgres.folder / f"prepared-{newest_migrations()}"
            database_url = postgres.url
        if self._places and not redis_url:
            valkey = ValkeyServer(self._places)
            self.servers.append(valkey)
            redis_url = valkey.url
        assert database_url
        assert redis_url
        self.holder = Holder(os.getpid(), address_of(settings), database_url, redis_url)
        self._environment = os.environ | {
            "SOKONI_DATABASE_URL": database_url,
            "SOKONI_REDIS_URL": redis_url,
            "SOKONI_DATA_DIR": str(folder),
            **({"SOKONI_MPESA_URL": f"http://127.0.0.1:{self.daraja_port}"} if self.daraja_port else {}),
            **(unnamed(settings, f"http://127.0.0.1:{self.acquirers_port}") if self.acquirers_port else {}),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }

    def program(self, name: str, command: str, *options: str, wave: int = 0) -> Program:
        words = ["app.prepare", str(self._banner)] if command == "prepare" else ["app.cli", command, *options]
        environment = dict(self._environment)
        if command == "worker" and self._metrics_port:
            environment["SOKONI_METRICS_PORT"] = str(self._metrics_port + 1)  # the relay here has the port itself
        return Program(name, [sys.executable, "-P", "-m", *words], environment, wave=wave)

    def whereabouts(self) -> str:
        """What starts, and where its data are: not always where the person said."""
        if self._places is None:
            return "Starting on the PostgreSQL and Redis that the settings name …"
        return f"Starting with data in {self._places.data}, logs in {self._places.logs} …"

    def banner(self) -> str:
        """What the person may try, as the preparation left it. It has tokens in it, so it is not kept."""
        text = self._banner.read_text()
        self._banner.unlink()
        return text

    def is_prepared(self) -> bool:
        """Whether our own database had all of today's migrations and its demo data at an earlier start."""
        return self._prepared is not None and self._prepared.exists()

    def note_prepared(self) -> None:
        if self._prepared is not None:
            self._prepared.touch()

    def leave(self) -> None:
        if self._places:
            self._places.leave()


def newest_migrations() -> str:
    """A short name for the migrations there are."""
    texts = sorted((ROOT / "db" / "migrations" / "versions").glob("*.py"))
    return hashlib.sha256(b"\0".join(text.read_bytes() for text in texts)).hexdigest()[:12]


def is_ready(settings: Settings) -> bool:
    """Whether the API answers and finds its servers."""
    connection = http.client.HTTPConnection(local(settings.host), settings.port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def address_of(settings: Settings) -> str:
    return f"http://{local(settings.host)}:{settings.port}"


def local(host: str) -> str:
    """Where a listener on every address is reached from here."""
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host


def say(text: str) -> None:
    with suppress(OSError):  # the terminal may be gone; what runs must not end for that
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
