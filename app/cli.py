"""The command line: `sokoni run`, or one process of many, or one piece of the house-keeping."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence

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
    demo = commands.add_parser("demo", help="the demo people").add_subparsers(required=True, metavar="what")
    add(demo, "tokens", demo_tokens, "ready tokens as JSON: role → userId, accessToken, walletId")
    keys = commands.add_parser("keys", help="the keys that sign tokens").add_subparsers(required=True, metavar="what")
    add(keys, "rotate", keys_rotate, "sign with a new key from now on; the old one still verifies what it signed")
    ledger = commands.add_parser("ledger", help="the books").add_subparsers(required=True, metavar="what")
    add(ledger, "verify", ledger_verify, "recompute every balance from its entries and name each difference")
    return top


def add(commands: argparse._SubParsersAction, name: str, command: Command, text: str) -> argparse.ArgumentParser:  # type: ignore[type-arg]
    """One command."""
    made: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    made.set_defaults(command=command)
    return made


def run(settings: Settings, _: argparse.Namespace) -> int:
    from app.run import run as run_everything

    return run_everything(settings)


def serve(settings: Settings, _: argparse.Namespace) -> int:
    from app.serving import serve as serve_api

    return serve_api(settings)


def relay(settings: Settings, _: argparse.Namespace) -> int:
    from app.processes import run_relay

    return run_relay(settings)


def worker(settings: Settings, _: argparse.Namespace) -> int:
    from app.processes import run_worker

    return run_worker(settings)


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


def ledger_verify(settings: Settings, _: argparse.Namespace) -> int:
    from app.books import verify

    found = asyncio.run(verify(settings))
    print(f"{found.accounts} accounts, {found.transfers} transfers, {found.entries} entries, {found.holds} holds.")
    print("\n".join(map(str, found.differences)) or "Every balance equals the sum of its entries.")
    return 0 if found.is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
