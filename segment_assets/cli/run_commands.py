"""`plan`, `sync` and `deliver`: they run the Dagster assets in this process."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from segment_assets.cli import exit_code_of
from segment_assets.cli.project import choose_mappings, open_project, print_json
from segment_assets.cli.render import Progress, print_error, print_plan, print_sync
from segment_assets.declare.spec import DestinationSpec, MappingSpec
from segment_assets.errors import SegmentAssetsError

_NAME = click.argument("name", required=False)
_ALL = click.option("--all", "every", is_flag=True, help="Every mapping of every destination.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")


@click.command()
@_NAME
@_ALL
@_JSON
@click.pass_context
def plan(context: click.Context, name: str | None, every: bool, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Freeze what changed and show what would be sent.

    Sends nothing. NAME is destination/mapping, or the mapping alone where that is unique. Exit
    code 1 where a gate blocks the plan.
    """
    return _run(context, name, ("plan",), every=every, as_json=as_json)


@click.command()
@_NAME
@_ALL
@_JSON
@click.pass_context
def sync(context: click.Context, name: str | None, every: bool, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Plan, and deliver the plan where no gate blocks it.

    NAME is destination/mapping, or the mapping alone where that is unique. A plan that an earlier
    run left behind is delivered first. Exit code 1 where calls are owed: run it again.
    """
    return _run(context, name, ("plan", "sync"), every=every, as_json=as_json)


@click.command()
@_NAME
@_ALL
@_JSON
@click.pass_context
def deliver(context: click.Context, name: str | None, every: bool, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Deliver the plan that `plan` made or `approve` let through.

    NAME is destination/mapping, or the mapping alone where that is unique. Exit code 1 where calls
    are owed: run it again.
    """
    return _run(context, name, ("sync",), every=every, as_json=as_json)


def _run(
    context: click.Context, name: str | None, parts: Sequence[str], *, every: bool, as_json: bool
) -> int:
    project = open_project(context)
    chosen = choose_mappings(project, name, every=every)
    from segment_assets.orchestration.factory import build_definitions  # noqa: PLC0415 - slow

    definitions = build_definitions(project)
    results = []
    for pair in chosen:
        results.append(_run_one(definitions, pair, parts, as_json=as_json))
        if results[-1]["interrupted"]:
            break
    if as_json:
        print_json(results)
    return max(int(result["exit_code"]) for result in results)


def _run_one(
    definitions: Any,
    pair: tuple[DestinationSpec, MappingSpec],
    parts: Sequence[str],
    *,
    as_json: bool,
) -> dict[str, Any]:
    """Run one mapping; after a plan that was left over, run once more for what came since."""
    result = _run_job(definitions, pair, parts, as_json=as_json)
    is_left_over = any(report["resumed"] for report in result["plans"])
    if len(parts) > 1 and is_left_over and result["exit_code"] == 0:
        again = _run_job(definitions, pair, parts, as_json=as_json)
        for key in ("plans", "syncs", "errors"):
            again[key] = [*result[key], *again[key]]
        return again
    return result


def _run_job(
    definitions: Any,
    pair: tuple[DestinationSpec, MappingSpec],
    parts: Sequence[str],
    *,
    as_json: bool,
) -> dict[str, Any]:
    from segment_assets.orchestration import keys  # noqa: PLC0415 - slow
    from segment_assets.orchestration.runs import RunOutcome, run_job  # noqa: PLC0415 - slow

    destination, mapping = pair[0].name, pair[1].sync.name
    makers = {"plan": keys.plan_key, "sync": keys.sync_key}
    with Progress(is_shown=not as_json) as progress:
        try:
            outcome = run_job(
                definitions,
                keys.sync_job_name(destination, mapping),
                only=[makers[part](destination, mapping) for part in parts],
                on_progress=progress.update,
            )
        except SegmentAssetsError as refusal:  # one mapping's mistake doesn't stop the others
            outcome = RunOutcome("", is_success=False, plans=(), syncs=(), errors=(refusal,))
    if not as_json:
        for plan_report in outcome.plans:
            print_plan(plan_report)
        for sync_report in outcome.syncs:
            print_sync(sync_report)
    for error in outcome.errors:
        print_error(error)
    codes = [int(not outcome.is_success), *(exit_code_of(error) for error in outcome.errors)]
    return {
        "sync": pair[1].sync.full_name,
        "run_id": outcome.run_id,
        "plans": [asdict(report) for report in outcome.plans],
        "syncs": [asdict(report) for report in outcome.syncs],
        "errors": [
            {"code": getattr(error, "code", "error"), "message": str(error)}
            for error in outcome.errors
        ],
        "interrupted": outcome.was_interrupted,
        "exit_code": max(codes),
    }
