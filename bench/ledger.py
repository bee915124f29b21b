"""Postings beside pgbench's own transactions: same server, same client, same durability, in turns.

`pgbench` drives both. Its built-in tpcb-like transaction is five statements over three rows and a history; ours is one
call of `ledger_post`. At scale 1 every tpcb-like transaction updates one and the same branch row, as every sale of one
merchant would if credits were written into the merchant's account.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.embedded.data_folder import hold
from app.embedded.places import places_for
from app.embedded.postgres import DURABLE, PostgresServer, binary
from app.embedded.process import wait_until
from db.engine import open_database
from db.migrating import upgrade
from db.reads.ledger_verification import verify_ledger

ROUNDS: Final = 3
SECONDS: Final = 8
WALLETS: Final = 10_000
TRANSACTION: Final = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)

# pgbench takes a colon for the start of one of its variables, so the scripts write it as an octal escape.
POST: Final = r"""
\set payer random(1, {half})
\set payee random({half} + 1, {wallets})
\set amount random(1, 100)
select ledger_post(
    gen_random_uuid(), E'bench\072' || gen_random_uuid(), 'PERSON_TO_PERSON', sha256('a fingerprint'), 'a note', now(),
    {accounts}, '{{KES,KES}}', '{{{source}}}', '{{{destination}}}', array[:amount::bigint]);
"""
WALLET: Final = r"E'user\072' || lpad(:{who}::text, 36, '0') || E'\072wallet\072KES'"
MERCHANT: Final = r"E'merchant\072' || lpad('1', 36, '0') || E'\072payable\072KES'"
PERSON_TO_PERSON: Final = POST.format(
    half=WALLETS // 2,
    wallets=WALLETS,
    accounts=f"array[{WALLET.format(who='payer')}, {WALLET.format(who='payee')}], '{{WALLET,WALLET}}'",
    source=1,
    destination=2,
)
TO_ONE_MERCHANT: Final = POST.format(
    half=WALLETS // 2,
    wallets=WALLETS,
    accounts=f"array[{MERCHANT}, {WALLET.format(who='payer')}], '{{PAYABLE,WALLET}}'",
    source=2,
    destination=1,
)
FUND: Final = """
do $$ begin
    for wallet in 1..{wallets} loop
        perform ledger_post(
            gen_random_uuid(), 'grant:' || wallet, 'ADJUSTMENT', '', null, now(),
            array['platform:adjustments:KES', 'user:' || lpad(wallet::text, 36, '0') || ':wallet:KES'],
            '{{HOUSE,WALLET}}', '{{KES,KES}}', '{{1}}', '{{2}}', '{{1000000000}}');
    end loop;
end $$
"""


@dataclass
class Comparison:
    """One thing of ours beside one of pgbench's: the rates of every round, and the share to reach."""

    title: str
    clients: int
    ours: list[str]
    theirs: list[str]
    wanted: float
    rates: list[tuple[float, float]] = field(default_factory=list)

    @property
    def line(self) -> str:
        """The row of the table: medians of the rounds."""
        ours, theirs = (statistics.median(column) for column in zip(*self.rates, strict=True))
        share = statistics.median(mine / their for mine, their in self.rates)
        verdict = "reached" if share >= self.wanted else "MISSED"
        return (
            f"{self.title:<44} {self.clients:>7} {ours:>9.0f} {theirs:>9.0f}"
            f" {share:>7.2f} {self.wanted:>7.2f}  {verdict}"
        )


def main() -> None:
    """Measure, and print the table."""
    with benched_server() as server:
        folder = Path(tempfile.mkdtemp(prefix="sokoni-bench-scripts-"))
        try:
            prepare(server)
            comparisons = measured(server, folder)
            sound = asyncio.run(books_are_sound(server.url))
        finally:
            shutil.rmtree(folder)
    print(
        f"{'ledger, transactions per second':<44} {'clients':>7} {'ours':>9} {'pgbench':>9} {'share':>7} {'wanted':>7}"
    )
    for comparison in comparisons:
        print(comparison.line)
    print(f"Median of {ROUNDS} rounds of {SECONDS} s in turns; fsync on; books afterwards: {sound}.")


@contextmanager
def benched_server() -> Iterator[PostgresServer]:
    """A durable server with the settings of `make run`, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="sokoni-bench-", dir="/tmp"))
    with hold(folder, address="bench"):
        places = places_for(folder)
        server = PostgresServer(places, durability=DURABLE)
        try:
            server.start()
            assert wait_until(server.is_ready, seconds=60), "the server did not start"
            yield server
        finally:
            server.stop()
            for made in (places.sockets, places.data, folder):
                shutil.rmtree(made, ignore_errors=True)


def prepare(server: PostgresServer) -> None:
    """Our tables with funded wallets, and pgbench's own at two scales."""
    asyncio.run(upgrade(server.url))
    run(server, "psql", "-q", "-d", "sokoni", "-c", FUND.format(wallets=WALLETS), "-c", "vacuum analyze")
    for name, scale in (("tpcb_wide", 50), ("tpcb_hot", 1)):
        run(server, "createdb", name)
        run(server, "pgbench", "-i", "-q", "-s", str(scale), name)


def measured(server: PostgresServer, folder: Path) -> list[Comparison]:
    """Every comparison, in turns, so that a slow minute of the machine falls on both sides."""
    scripts = {"people": PERSON_TO_PERSON, "merchant": TO_ONE_MERCHANT}
    for name, script in scripts.items():
        folder.joinpath(name).write_text(script)
    people, merchant = (["-f", str(folder / name), "sokoni"] for name in scripts)
    wide, hot = (["-b", "tpcb-like", name] for name in ("tpcb_wide", "tpcb_hot"))
    comparisons = [
        Comparison("person to person / tpcb-like, scale 50", 8, people, wide, 0.6),
        Comparison("person to person / tpcb-like, scale 50", 32, people, wide, 0.6),
        Comparison("32 buyers of one merchant / tpcb-like, scale 1", 32, merchant, hot, 2.0),
    ]
    for _ in range(ROUNDS):
        for each in comparisons:
            each.rates.append((rate(server, each.clients, each.ours), rate(server, each.clients, each.theirs)))
    return comparisons


def rate(server: PostgresServer, clients: int, what: list[str]) -> float:
    """Transactions per second, without the time to connect."""
    said = run(server, "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(SECONDS), *what)
    found = TRANSACTION.search(said)
    assert found, said
    return float(found.group(1))


async def books_are_sound(url: str) -> str:
    """What the verification says of all that was just posted."""
    database = open_database(url)
    async with database.snapshot() as connection:
        verification = await verify_ledger(connection)
    await database.close()
    return f"{verification.transfers} transfers, {len(verification.differences)} differences"


def run(server: PostgresServer, program: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs against the server and answer what it says."""
    sockets = re.search(r"host=([^&]+)", server.url)
    assert sockets, "the server listens on a socket"
    environment = {"PGHOST": sockets.group(1), "PGUSER": "postgres", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([binary(program), *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


if __name__ == "__main__":
    main()
