"""A sync of the CDNOW orders that is killed, run again, and compared call by call."""

import json
import os
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from segment_assets.emulator import Emulator, Fault, Store
from segment_assets.ledger.look import accepted_message_ids
from segment_assets.warehouse.duckdb import DuckDBWarehouse
from segment_assets_tests.cdnow.cdnow_project import build, sample_csv
from segment_assets_tests.cli.people import COMMAND, environment, one_document, run_command

CSV_VARIABLE = "SEGMENT_ASSETS_CDNOW_CSV"
KEY = "wk-of-the-music-shop"
LANES = 4
_ORDERS = "orders_track"
_POOLS = "concurrency:\n  pools:\n    default_limit: 1\ntelemetry:\n  enabled: false\n"


@dataclass(frozen=True, slots=True)
class Shop:
    """The project of one round: its folder, and the variables that every command gets."""

    folder: Path
    env: dict[str, str]

    @classmethod
    def open(cls, folder: Path, emulator: Emulator, *, with_pools: bool = False) -> "Shop":
        """Build the project on the real file where one is named, else on the sample.

        `with_pools` gives it a Dagster home in which a destination takes one run at a time.
        """
        folder.mkdir(parents=True)
        csv = Path(os.environ.get(CSV_VARIABLE, folder / "sample.csv.gz"))
        if CSV_VARIABLE not in os.environ:
            sample_csv(csv)
        defs = build(csv, folder / "project", emulator.url)
        env = {"SEGMENT_WRITE_KEY": KEY, "SEGMENT_ASSETS_DEFS": str(defs)}
        if with_pools:
            home = folder / "dagster_home"
            home.mkdir()
            (home / "dagster.yaml").write_text(_POOLS)
            env["DAGSTER_HOME"] = str(home)
        return cls(folder, env)

    def start(self) -> "subprocess.Popen[bytes]":
        """Start `sync` as a user does."""
        with (self.folder / "first.txt").open("wb") as log:
            return subprocess.Popen(
                [COMMAND, "sync", _ORDERS], env=environment(self.env), cwd=self.folder,
                stdout=log, stderr=log,
            )  # fmt: skip

    def sync(self) -> list[dict[str, Any]]:
        """Run the same command to its end, which must be well, and return its results."""
        answer = run_command("sync", _ORDERS, "--json", env=self.env, cwd=self.folder, seconds=400)
        assert answer.returncode == 0, answer.stderr
        results: list[dict[str, Any]] = one_document(answer.stdout)
        return results

    def orders(self) -> set[str]:
        """Return the keys of all orders in the warehouse."""
        with duckdb.connect(self._database, read_only=True) as connection:
            return {row[0] for row in connection.execute("select order_id from orders").fetchall()}

    def accepted_ids(self) -> set[str]:
        """Return the messageIds that the ledger holds as accepted."""
        return accepted_message_ids(
            DuckDBWarehouse("cdnow", self._database).state("music", _ORDERS)
        )

    @property
    def _database(self) -> Path:
        return self.folder / "project" / "cdnow.duckdb"


def rude_emulator(first_posts: int, latency_seconds: float) -> Emulator:
    """Return an emulator that answers its first posts at once and then takes its time.

    It keeps every body: what was sent twice can be compared.
    """
    emulator = Emulator(write_keys={KEY}, store=Store(record_bodies=True))
    if first_posts:
        emulator.faults.add(Fault(times=first_posts))
    emulator.faults.add(Fault(latency_seconds=latency_seconds, times=None))
    return emulator


def kill_in_the_middle(
    child: "subprocess.Popen[bytes]", emulator: Emulator, posts: int, seconds: float
) -> None:
    """Kill -9 the command some time after the API answered that many posts."""
    deadline = time.monotonic() + 120
    while sum(request.method == "POST" for request in emulator.store.requests()) < posts:
        assert child.poll() is None, "the command ended before it was killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(seconds)
    assert child.poll() is None, "the command ended before it was killed"
    child.kill()
    child.wait()


def posted(emulator: Emulator, *, start: int = 0) -> list[list[dict[str, Any]]]:
    """Return the calls of each post from a number on, in the order they were answered."""
    bodies = [request.body for request in emulator.store.requests() if request.method == "POST"]
    return [json.loads(body)["batch"] for body in bodies[start:] if body]


def by_message_id(posts: list[list[dict[str, Any]]]) -> dict[str, list[str]]:
    """Return every form in which each messageId was sent, as JSON text."""
    forms: dict[str, list[str]] = defaultdict(list)
    for batch in posts:
        for call in batch:
            forms[call["messageId"]].append(json.dumps(call))
    return forms
