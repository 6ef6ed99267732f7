"""`status`, `rejected` and `approve`: what the ledger says, and a person's decision."""

import getpass

import click
from rich.markup import escape
from rich.table import Table

from segment_assets.cli.project import choose_mappings, open_project, print_json, warehouse_of
from segment_assets.cli.render import console
from segment_assets.codes import CODES
from segment_assets.ledger.look import rejected_records, sync_status
from segment_assets.warehouse import open_warehouse

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")
_STATUSES = ("accepted", "rejected", "owed", "uncertain", "adopted", "unselected", "removed")


@click.command()
@_JSON
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Show each sync's newest plan and its records by status, with the age of the oldest."""
    project = open_project(context)
    found = {}
    for _destination, mapping in choose_mappings(project, None, every=True):
        warehouse = open_warehouse(warehouse_of(project, mapping))
        store = warehouse.state(mapping.sync.destination, mapping.sync.name)
        found[mapping.sync.full_name] = sync_status(store)
    if as_json:
        print_json(found)
        return
    table = Table("sync", "plan", "status", "at", *_STATUSES)
    for name, facts in found.items():
        plan = facts["plan"] or {"plan_id": "never planned", "status": "", "recorded_at": ""}
        cells = []
        for key in _STATUSES:
            records = facts["records"].get(key)
            cells.append("" if records is None else _with_age(key, records))
        table.add_row(name, plan["plan_id"], plan["status"], plan["recorded_at"], *cells)
    console.print(table)


def _with_age(key: str, records: dict[str, int]) -> str:
    if key not in {"rejected", "owed", "uncertain"}:
        return f"{records['count']:,}"
    minutes = records["oldest_seconds"] // 60
    age = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"  # noqa: PLR2004 - 2 hours
    return f"{records['count']:,} (oldest {age})"


@click.command()
@click.argument("name")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@_JSON
@click.pass_context
def rejected(context: click.Context, name: str, limit: int, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """List the records that were rejected, held or refused, each with code and remedy."""
    project = open_project(context)
    [(_destination, mapping)] = choose_mappings(project, name, every=False)
    warehouse = open_warehouse(warehouse_of(project, mapping))
    store = warehouse.state(mapping.sync.destination, mapping.sync.name)
    records = rejected_records(store, limit)
    if as_json:
        print_json(records)
        return
    if not records:
        console.print(f"{mapping.sync.full_name}: no record is rejected")
        return
    table = Table("plan", "record", "code", "field", "why", "what mends it")
    for record in records:
        table.add_row(
            str(record["plan_no"]),
            escape(record["record_id"] or ""),
            record["code"],
            record["field"] or "",
            escape(record["message"] or ""),
            CODES[record["code"]].remedy,
        )
    console.print(table)


@click.command()
@click.argument("plan_id")
@click.option("--reason", required=True, help="Why it may be sent; recorded with the plan.")
@click.pass_context
def approve(context: click.Context, plan_id: str, reason: str) -> None:
    """Let a blocked plan be delivered. The plan is named by its id; who and why are recorded."""
    from segment_assets.sync import approve_plan  # noqa: PLC0415 - slow

    parts = plan_id.split(".")
    project = open_project(context)
    if len(parts) != 4:  # noqa: PLR2004 - destination.mapping.number.suffix
        raise click.UsageError(f"{plan_id} is no plan id; `segment-assets status` shows them")
    name = f"{parts[0]}/{parts[1]}"
    [(_destination, mapping)] = choose_mappings(project, name, every=False)
    warehouse = open_warehouse(warehouse_of(project, mapping))
    approve_plan(mapping.sync, warehouse, plan_id, reason=reason, by=getpass.getuser())
    console.print(f"{plan_id} is approved. Deliver it: segment-assets deliver {name}")
