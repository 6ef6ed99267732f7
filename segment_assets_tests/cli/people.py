"""A small project for tests of the command line: three tables, one of each kind of trouble."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from segment_assets.declare.build import load_project
from segment_assets.seams import StateStore
from segment_assets.warehouse import open_warehouse

KEY_VARIABLE = "PEOPLE_WRITE_KEY"
WRITE_KEY = "wk+People=OfTheCommandLine"
COMMAND = Path(sys.executable).with_name("segment-assets")

WAREHOUSE = """\
type: segment_assets.Warehouse
attributes:
  name: club
  engine: duckdb
  database: club.duckdb
  models:
    - {key: club/people, table: main.people, primary_key: person_id}
    - {key: club/orders, table: main.orders, primary_key: order_id}
"""

DESTINATION = """\
type: segment_assets.SegmentDestination
attributes:
  name: production
  write_key_env: PEOPLE_WRITE_KEY
  endpoint: ENDPOINT
  mappings:
    - name: people_identify
      source: club/people
      action: identify
      fields:
        user_id: $.person_id
        traits: {email: $.email, plan: $.plan}
    - name: orders_track
      source: club/orders
      action: track
      gates: {max_calls: 1}
      fields:
        user_id: $.person_id
        event_name: Order Completed
        properties: {order_id: $.order_id, total: $.total}
"""

#: One person's id stands for nothing; two orders are one more than the gate lets through.
_TABLES = """
create table people as select * from (values
    ('p1', 'ada@example.com', 'pro'),
    ('p2', 'bob@example.com', 'free'),
    ('null', 'eve@example.com', 'free')) as t(person_id, email, plan);
create table orders as select * from (values
    ('o1', 'p1', 12.5), ('o2', 'p2', 3.0)) as t(order_id, person_id, total);
"""


def write_people(folder: Path, endpoint: str) -> Path:
    """Write declarations and database below `folder`; return the folder of declarations."""
    defs = folder / "defs"
    for name, text in (("club", WAREHOUSE), ("production", DESTINATION)):
        (defs / name).mkdir(parents=True)
        (defs / name / "defs.yaml").write_text(text.replace("ENDPOINT", json.dumps(endpoint)))
    execute(defs, _TABLES)
    return defs


def execute(defs: Path, sql: str) -> None:
    """Run SQL in the project's database."""
    with duckdb.connect(str(defs / "club" / "club.duckdb")) as connection:
        connection.execute(sql)


def open_state(defs: Path, mapping: str = "people_identify") -> StateStore:
    """Return the state of one sync, as any later command finds it."""
    warehouse = open_warehouse(load_project(defs).warehouses[0])
    return warehouse.state("production", mapping)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without what a user's own set-up would add."""
    ours = ("SEGMENT_", "DAGSTER_", "PEOPLE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, **(extra or {})}


def run_command(
    *arguments: str, env: Mapping[str, str], cwd: Path, seconds: float = 120
) -> "subprocess.CompletedProcess[str]":
    """Run the installed command as a user does, with `env` added to a clean environment."""
    return subprocess.run(
        [COMMAND, *arguments], env=environment(env), cwd=cwd, capture_output=True, text=True,
        timeout=seconds, check=False,
    )  # fmt: skip


def one_document(stdout: str) -> Any:
    """Return the one JSON document that stdout must be, and nothing beside it."""
    return json.loads(stdout)
