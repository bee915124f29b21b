"""The command line: `sokoni run`, or one process of many, or one piece of the house-keeping."""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.config import Settings
from app.servers import NoServers

Command = Callable[[Settings, argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the answer is the exit status."""
    options = parser().parse_args(arguments)
    try:
        settings = Settings()
    except ValueError as refused:
        sys.stderr.write(f"The settings contradict each other: {refused}\n")
        return 2
    command: Command = options.command
    try:
        return command(settings, options)
    except NoServers as missing:
        sys.stderr.write(f"{missing}\n")
        return 1


def parser() -> argparse.ArgumentParser:
    """Every command with its help."""
    top = argparse.ArgumentParser(prog="sokoni", description="Realtime commerce and payments.")
    commands = top.add_subparsers(required=True, metavar="command")
    add(commands, "run", run, "everything on one machine, with an embedded PostgreSQL and Valkey")
    add(commands, "serve", serve, "the API")
    add(commands, "relay", relay, "the relay from commits to live listeners; one of many leads")
    add(commands, "worker", worker, "the jobs that run by the clock or by waiting rows")
    add(commands, "migrate", migrate, "bring the database to the newest revision")
    add(commands, "seed", seed, "demo people, categories, listings and funded wallets, in an empty database")
    schema = add(commands, "schema", schema_files, "rewrite the SDL and the generated pages")
    schema.add_argument("--check", action="store_true", help="only say whether they are current")
    contract = schema.add_subparsers(metavar="what")
    add(
        contract,
        "diff",
        schema_diff,
        "what clients feel of the changes since the release; fails when they break untold",
    )
    add(
        contract,
        "lint",
        schema_lint,
        "the schema and the documents by the rules of graphql-eslint; takes Node by itself",
    )
    add(contract, "release", schema_release, "promise clients today's schema and documents")
    add(commands, "explorer", explorer, "build the explorer at `/` where it is missing or older than its sources")
    mail = add(commands, "sandbox-smtp", sandbox_smtp, "a mail server that brings nothing anywhere; development only")
    mail.add_argument("--port", type=int, default=8025)
    daraja = add(commands, "sandbox-daraja", sandbox_daraja, "a server in the shape of Daraja; development only")
    daraja.add_argument("--port", type=int, default=8090)
    acquirers = add(
        commands, "sandbox-acquirers", sandbox_acquirers, "servers in the shape of acquirers; development only"
    )
    acquirers.add_argument("--port", type=int, default=8091)
    acquirers.add_argument("--api", metavar="URL", help="where they call back; this machine's API unless given")
    demo = commands.add_parser("demo", help="the demo people").add_subparsers(required=True, metavar="what")
    add(demo, "tokens", demo_tokens, "ready tokens as JSON: role → userId, accessToken, walletId")
    keys = commands.add_parser("keys", help="the keys that sign tokens").add_subparsers(required=True, metavar="what")
    add(keys, "rotate", keys_rotate, "sign with a new key from now on; the old one still verifies what it signed")
    operations = commands.add_parser("operations", help="the persisted operations")
    add_operations(operations.add_subparsers(required=True, metavar="what"))
    ledger = commands.add_parser("ledger", help="the books").add_subparsers(required=True, metavar="what")
    add(ledger, "verify", ledger_verify, "recompute every balance from its entries and name each difference")
    return top


def add_operations(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """The commands of the registry."""
    check = add(commands, "check", operations_check, "try every active one on the schema; fails when one breaks")
    check.add_argument("--schema", type=Path, metavar="FILE", help="an SDL file, instead of the schema of the code")
    register = add(commands, "register", operations_register, "take a manifest of Apollo, Relay or graphql-codegen")
    register.add_argument("manifest", type=Path, metavar="FILE")
    register.add_argument("--owner", metavar="USR", help="for this person's programs only, instead of for everybody")
    register.add_argument("--draft", action="store_true", help="to be activated later")
    listed = add(commands, "list", operations_list, "all of them, the newest first")
    listed.add_argument("--state", choices=("DRAFT", "ACTIVE", "RETIRED"))


def add(commands: argparse._SubParsersAction, name: str, command: Command, text: str) -> argparse.ArgumentParser:  # type: ignore[type-arg]
    """One command."""
    made: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    made.set_defaults(command=command)
    return made


@contextmanager
def uncollected() -> Iterator[None]:
    """Imports leave no garbage: the hundreds of collections that they would set off take a fifth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def run(settings: Settings, _: argparse.Namespace) -> int:
    with uncollected():
        from app.run import run as run_everything

    return run_everything(settings)


def serve(settings: Settings, _: argparse.Namespace) -> int:
    with uncollected():
        from app.serving import serve as serve_api

    return serve_api(settings)


def relay(settings: Settings, _: argparse.Namespace) -> int:
    with uncollected():
        from app.processes import run_relay

    return run_relay(settings)


def worker(settings: Settings, _: argparse.Namespace) -> int:
    with uncollected():
        from app.processes import run_worker

    return run_worker(settings)


def sandbox_smtp(settings: Settings, options: argparse.Namespace) -> int:
    from app.sandbox_smtp import serve_mail

    return serve_mail(settings, port=options.port)


def sandbox_daraja(settings: Settings, options: argparse.Namespace) -> int:
    from app.sandbox_daraja import serve_daraja

    return serve_daraja(settings, port=options.port)


def sandbox_acquirers(settings: Settings, options: argparse.Namespace) -> int:
    from app.sandbox_acquirers import serve_acquirers

    return serve_acquirers(settings, port=options.port, api=options.api)


def migrate(settings: Settings, _: argparse.Namespace) -> int:
    from app.servers import database_url
    from db.migrating import upgrade

    asyncio.run(upgrade(database_url(settings)))
    return 0


def seed(settings: Settings, _: argparse.Namespace) -> int:
    from app.seed import seed_demo

    asyncio.run(seed_demo(settings))
    return 0


def schema_files(_: Settings, options: argparse.Namespace) -> int:
    from app.generated import check_files, write_files

    return check_files() if options.check else write_files()


def explorer(_: Settings, __: argparse.Namespace) -> int:
    from app.explorer.building import main as build_explorer

    return build_explorer()


def schema_diff(_: Settings, __: argparse.Namespace) -> int:
    from app.contract.released import diff

    return diff()


def schema_lint(_: Settings, __: argparse.Namespace) -> int:
    from app.contract.linting import lint

    return lint()


def schema_release(_: Settings, __: argparse.Namespace) -> int:
    from app.contract.released import release

    return release()


def demo_tokens(settings: Settings, _: argparse.Namespace) -> int:
    from app.demo import NoDemoPeople, tokens_as_json

    try:
        print(asyncio.run(tokens_as_json(settings)))
    except NoDemoPeople as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    return 0


def keys_rotate(settings: Settings, _: argparse.Namespace) -> int:
    from app.keys import rotate

    print(f"Signing with key {asyncio.run(rotate(settings))} from now on.")
    return 0


def operations_check(settings: Settings, options: argparse.Namespace) -> int:
    from app.operations import Unreadable, check_operations

    try:
        found = asyncio.run(check_operations(settings, sdl=options.schema))
    except Unreadable as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    for broken in found.breaks:
        print(broken)
    print(f"{found.count} active operations, {len(found.breaks)} of them broken.")
    return 1 if found.breaks else 0


def operations_register(settings: Settings, options: argparse.Namespace) -> int:
    from app.operations import Unreadable, line_of, read_json, register_manifest

    try:
        manifest = read_json(options.manifest)
        taken = asyncio.run(register_manifest(settings, manifest, owner=options.owner, is_draft=options.draft))
    except Unreadable as fault:
        sys.stderr.write(f"{fault}\nNothing was registered.\n")
        return 1
    for operation in taken.operations:
        print(f"{line_of(operation)}: {operation.state}")
    print(f"{len(taken.operations)} operations, {taken.new_count} of them new.")
    return 0


def operations_list(settings: Settings, options: argparse.Namespace) -> int:
    from app.operations import line_of, list_operations
    from domain.operations.operation import OperationState

    wanted = OperationState(options.state) if options.state else None
    for operation in asyncio.run(list_operations(settings, state=wanted)):
        used = operation.last_used_at.isoformat(timespec="seconds") if operation.last_used_at else "never"
        print(f"{line_of(operation)}: {operation.state}, cost {operation.cost}, last used {used}")
    return 0


def ledger_verify(settings: Settings, _: argparse.Namespace) -> int:
    from app.books import verify

    found = asyncio.run(verify(settings))
    print(f"{found.accounts} accounts, {found.transfers} transfers, {found.entries} entries, {found.holds} holds.")
    print("\n".join(map(str, found.differences)) or "Every balance equals the sum of its entries.")
    return 0 if found.is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
