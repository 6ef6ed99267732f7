"""`status`, `rejected` and `approve`: what the ledger says, and a person's decision."""

import getpass
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import click
from rich.markup import escape

from segment_assets.cli.project import choose_mapping, choose_mappings, open_project, print_json
from segment_assets.cli.project import warehouse_of as home_of
from segment_assets.cli.render import console
from segment_assets.codes import CODES
from segment_assets.ledger.look import rejected_records, sync_status
from segment_assets.warehouse import open_warehouse

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")
_STATUSES = ("accepted", "rejected", "owed", "uncertain", "adopted", "unselected", "removed")
#: Statuses that wait for someone: their age matters.
_WAITING = frozenset({"rejected", "owed", "uncertain"})
#: What a person does next about a plan in this status.
_NEXT = {
    "blocked": 'mend the rows and plan again, or: segment-assets approve {id} --reason "..."',
    "approved": "segment-assets deliver {sync}",
    "sending": "a run is at work, or was killed: segment-assets sync {sync} goes on from there",
    "building": "a run is at work, or was killed: segment-assets sync {sync} plans again",
}


@click.command()
@_JSON
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Show each sync's newest plan and its records by status.

    With the age of the oldest record where someone must act.
    """
    project = open_project(context)
    found = {}
    for _destination, mapping in choose_mappings(project, None, every=True):
        store = open_warehouse(home_of(project, mapping)).state(
            mapping.sync.destination, mapping.sync.name
        )
        found[mapping.sync.full_name] = sync_status(store)
    if as_json:
        print_json(found)
        return
    for name, facts in found.items():
        _print_status(name, facts)


def _print_status(name: str, facts: dict[str, Any]) -> None:
    plan = facts["plan"]
    if plan is None:
        console.print(f"[bold]{name}[/]  never planned")
        return
    console.print(f"[bold]{name}[/]  plan {plan['plan_id']}  {plan['status']}")
    records = facts["records"]
    parts = [_with_age(key, records[key]) for key in _STATUSES if key in records]
    console.print(f"  {plan['recorded_at']}  {', '.join(parts) or 'no record yet'}")
    if plan["status"] in _NEXT:
        step = _NEXT[plan["status"]].format(id=plan["plan_id"], sync=name)
        console.print(f"  next: {escape(step)}")


def _with_age(key: str, records: dict[str, int]) -> str:
    if key not in _WAITING:
        return f"{records['count']:,} {key}"
    minutes = records["oldest_seconds"] // 60
    age = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"  # noqa: PLR2004 - 2 hours
    return f"{records['count']:,} {key} (oldest {age})"


@click.command()
@click.argument("name")
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1), help="Records at most."
)
@_JSON
@click.pass_context
def rejected(context: click.Context, name: str, limit: int, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """List the records that were rejected, held or refused.

    Grouped by reason, each reason with what mends it. NAME is destination/mapping, or the mapping
    alone where that is unique.
    """
    project = open_project(context)
    _destination, mapping = choose_mapping(project, name)
    store = open_warehouse(home_of(project, mapping)).state(
        mapping.sync.destination, mapping.sync.name
    )
    records = rejected_records(store, limit)
    if as_json:
        print_json(records)
    elif records:
        _print_rejected(records)
    else:
        console.print(f"{mapping.sync.full_name}: no record is rejected")


def _print_rejected(records: Sequence[dict[str, Any]]) -> None:
    by_code: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        by_code[record["code"]].append(record)
    for name, found in by_code.items():
        code = CODES[name]
        console.print(f"[yellow]{name}[/]: {code.meaning}")
        console.print(f"  {code.actor}: {code.remedy}")
        for record in found:
            who = "a row" if record["record_id"] is None else f"record {record['record_id']}"
            what = escape(f"{who}: {record['message'] or code.meaning}")
            console.print(f"  plan {record['plan_no']}  {what}")


@click.command()
@click.argument("plan_id")
@click.option("--reason", required=True, help="Why it may be sent; recorded with the plan.")
@click.pass_context
def approve(context: click.Context, plan_id: str, reason: str) -> None:
    """Let a blocked plan be delivered.

    The plan is named by its id, which `plan` and `status` show; who approved it and why are
    recorded with it. Nothing is sent: `deliver` does that.
    """
    from segment_assets.sync import approve_plan  # noqa: PLC0415 - slow

    project = open_project(context)
    parts = plan_id.split(".")
    if len(parts) != 4:  # noqa: PLR2004 - destination.mapping.number.suffix
        raise click.UsageError(f"{plan_id} is no plan id; `segment-assets status` shows them.")
    if not reason.strip():
        raise click.UsageError("--reason is empty: say why this plan may be sent.")
    _destination, mapping = choose_mapping(project, f"{parts[0]}/{parts[1]}")
    warehouse = open_warehouse(home_of(project, mapping))
    approve_plan(mapping.sync, warehouse, plan_id, reason=reason, by=_user())
    name = mapping.sync.full_name
    console.print(f"{plan_id} is approved. Deliver it: segment-assets deliver {name}")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user id without a name
        import os  # noqa: PLC0415 - only here

        return f"user {os.getuid()}"
