"""A DuckDB file with one table, the sync that reads it, and a receiver that keeps every post."""

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from segment_assets.delivery import DeliveryOptions, RetryPolicy
from segment_assets.emulator.server import Emulator
from segment_assets.emulator.store import Store
from segment_assets.handoff import Connection, Gates, Model, PlanReport, SyncReport, SyncSpec
from segment_assets.sync import deliver_plan, plan_sync
from segment_assets.warehouse.duckdb import DuckDBState, DuckDBWarehouse

#: One retry, at once: an outage in a test is over in milliseconds.
HASTY = DeliveryOptions(
    retry=RetryPolicy(max_retries=1, first_backoff_seconds=0.01, max_backoff_seconds=0.01)
)
PATHS = {"user_id": {"@path": "$.id"}, "traits": {"email": {"@path": "$.email"}}}
NO_GATES = Gates(max_rejected_percent=None, max_deleted_percent=None)
TABLE = "CREATE TABLE people (id INTEGER, email VARCHAR, plan VARCHAR)"


def revive(path: Path) -> dict[str, Any]:
    """Return the attributes of a shop whose file is there already."""
    model = Model("shop/people", "id", table="people")
    return {
        "path": path,
        "warehouse": DuckDBWarehouse("shop", path),
        "spec": SyncSpec("prod", "people", model, "identify", PATHS),
    }


class Shop:
    """The file, and short words for what tests do to it. The spec may be changed at any time."""

    path: Path
    warehouse: DuckDBWarehouse
    spec: SyncSpec

    def __init__(self, folder: Path, *rows: tuple[Any, ...], name: str = "shop.duckdb") -> None:
        self.__dict__.update(revive(folder / name))
        self.sql(TABLE)
        self.insert(*rows)

    def sql(self, *statements: str) -> None:
        """Run statements in a connection that is closed at once."""
        with duckdb.connect(str(self.path)) as connection:
            for statement in statements:
                connection.execute(statement)

    def insert(self, *rows: tuple[Any, ...]) -> None:
        """Add (id, email, plan) rows."""
        with duckdb.connect(str(self.path)) as connection:
            for row in rows:
                connection.execute(
                    "INSERT INTO people (id, email, plan) VALUES (?, ?, ?)", list(row)
                )

    def change(self, **facts: Any) -> None:
        """Change the sync's declaration."""
        self.spec = replace(self.spec, **facts)

    def model(self, **facts: Any) -> None:
        """Change the sync's model."""
        self.spec = replace(self.spec, model=replace(self.spec.model, **facts))

    @property
    def state(self) -> DuckDBState:
        """The state of the sync."""
        return self.warehouse.state("prod", "people")

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Query the state."""
        with self.state.session() as session:
            return session.fetch(query)

    def plan(self) -> PlanReport:
        """Plan."""
        return plan_sync(self.spec, self.warehouse)

    def deliver(self, receiver: "Receiver", **options: Any) -> SyncReport:
        """Deliver the approved plan."""
        options.setdefault("options", HASTY)
        return deliver_plan(self.spec, self.warehouse, receiver.connection, **options)

    def sync(self, receiver: "Receiver") -> SyncReport:
        """Plan and deliver."""
        self.plan()
        return self.deliver(receiver)


class Receiver(Emulator):
    """An emulator that keeps every body that was posted, taken or not."""

    def __init__(self) -> None:
        super().__init__(store=Store(keep_calls=1_000_000, record_bodies=True))
        self._down = False

    @property
    def connection(self) -> Connection:
        """Where it listens, or a closed port while it is down."""
        url = "http://127.0.0.1:9" if self._down else self.url
        return Connection("key", "us", url, None)

    def go_down(self, *, is_down: bool = True) -> None:
        """Be unreachable until told otherwise."""
        self._down = is_down

    def accepted(self) -> list[dict[str, Any]]:
        """Return the calls that were taken, first of each messageId, in order of arrival."""
        return [
            dict(record.call)
            for record in reversed(self.store.calls(outcome="accepted", limit=10**6))
        ]

    def emails(self, user: object) -> list[Any]:
        """Return one user's emails as they were taken, in order of arrival."""
        return [
            call["traits"].get("email") for call in self.accepted() if call["userId"] == str(user)
        ]

    def ids(self, user: object) -> list[str]:
        """Return the messageIds of one user's posted calls, repeats included."""
        return [call["messageId"] for call in self.posted() if call["userId"] == str(user)]

    def posted(self) -> list[dict[str, Any]]:
        """Return every call of every post, in order."""
        return [
            call
            for request in self.store.requests()
            if request.body is not None and request.method == "POST"
            for call in json.loads(request.body)["batch"]
        ]

    def bodies_by_id(self) -> dict[str, set[str]]:
        """Return the bodies seen under each messageId."""
        bodies = defaultdict(set)
        for call in self.posted():
            bodies[call["messageId"]].add(json.dumps(call, sort_keys=True))
        return bodies
