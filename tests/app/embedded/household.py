"""A program for these tests: servers in a folder, kept by a supervisor until it is asked to end.

It prints one line of JSON when all answer. Arguments: the folder, the names of the servers with commas between, then
any number of programs as JSON lists [name, wave, command…] that it keeps as well.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from app.embedded.child import Program
from app.embedded.data_folder import DataFolderHeld, Holder, hold
from app.embedded.places import places_for
from app.embedded.postgres import PostgresServer
from app.embedded.supervisor import StopRequested, Supervisor
from app.embedded.valkey import ValkeyServer


def main() -> int:
    folder, names, *programs = sys.argv[1:]
    try:
        with hold(Path(folder), address="http://household") as held:
            places = places_for(Path(folder))
            kinds = {"postgres": PostgresServer, "valkey": ValkeyServer}
            servers = {name: kinds[name](places) for name in names.split(",") if name}
            with Supervisor(list(servers.values()), say=tell) as supervisor:
                supervisor.start_servers(seconds=30)
                urls = {name: server.url for name, server in servers.items()}
                holder = Holder(os.getpid(), "http://household", urls.get("postgres", ""), urls.get("valkey", ""))
                held.announce(holder)
                supervisor.keep(*(program(text) for text in programs))
                pids = {name: server.process.pid for name, server in servers.items() if server.process}
                about = {
                    "way": places.identity.way,
                    "data": str(places.data),
                    "sockets": str(places.sockets),
                    "pids": pids,
                }
                tell(json.dumps(asdict(holder) | about))
                supervisor.watch()
    except DataFolderHeld as refusal:
        tell(str(refusal))
        return 1
    except StopRequested:
        places.leave()
    return 0


def program(text: str) -> Program:
    name, wave, *command = json.loads(text)
    return Program(name, command, dict(os.environ), wave=wave)


def tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
