"""`segment-assets demo`: three runs of five mappings, each proved against what the API received."""

import json
from pathlib import Path

from segment_assets.cli.project import warehouse_of
from segment_assets.cli.render import (
    Progress,
    console,
    counted,
    delivery_size,
    numbers,
    print_error,
)
from segment_assets.declare.build import load_project
from segment_assets.declare.spec import Project
from segment_assets.demo.shop import change_shop
from segment_assets.demo.stage import running_emulator, set_stage
from segment_assets.emulator.server import Emulator
from segment_assets.handoff import PlanReport, SyncReport
from segment_assets.ledger.look import accepted_message_ids
from segment_assets.warehouse import open_warehouse


def tell(folder: Path, key: str, *, is_small: bool = False) -> int:
    """Run the demo in `folder` and return the exit code: 0 when every run and proof was right.

    Raises `UserError` where the folder can't be used.
    """
    with running_emulator(key) as emulator:
        stage = set_stage(folder, endpoint=emulator.url, key=key, is_small=is_small)
        project = load_project(stage.defs)
        console.print(
            f"Made a shop in {stage.shop}: {sum(stage.rows.values()):,} rows in "
            f"{len(stage.rows)} tables.\nA local Tracking API listens at {emulator.url}"
        )
        story = _Story(project, emulator)
        is_good = story.run("First run: every row is added")
        story.show_a_call()
        change = change_shop(stage.shop)
        changed, deleted = sum(change.updated.values()), sum(change.deleted.values())
        title = f"Second run: {changed} rows were changed and {deleted} deleted"
        is_good &= story.run(title, calls=changed + deleted)
        is_good &= story.run("Third run: nothing changed", calls=0)
    console.print(
        f"\nLook around: segment-assets --defs {stage.defs} status\nWith a UI: segment-assets dev"
        if is_good
        else "\n[red]Something above is not right.[/]"
    )
    return 0 if is_good else 1


class _Story:
    def __init__(self, project: Project, emulator: Emulator) -> None:
        from segment_assets.orchestration.factory import build_definitions  # noqa: PLC0415 - slow

        self._project, self._emulator = project, emulator
        self._definitions = build_definitions(project)

    def run(self, title: str, calls: int | None = None) -> bool:
        """Plan and sync everything through Dagster; prove ids, and calls where given."""
        from segment_assets.orchestration import keys  # noqa: PLC0415 - slow
        from segment_assets.orchestration.runs import run_job  # noqa: PLC0415 - slow

        console.print(f"\n[bold]{title}[/]")
        is_good, sent = True, 0
        outcomes = []
        with Progress() as progress:
            for destination in self._project.destinations:
                job = keys.all_job_name(destination.name)
                outcomes.append(run_job(self._definitions, job, on_progress=progress.update))
        for outcome in outcomes:
            syncs = {report.sync: report for report in outcome.syncs}
            for plan in outcome.plans:
                _print_sync(plan, syncs.get(plan.sync))
            for error in outcome.errors:
                print_error(error)
            is_good &= outcome.is_success
            sent += sum(report.counts["accepted"] for report in outcome.syncs)
        if calls is not None:
            is_good &= sent == calls
            console.print(f"{sent:,} calls went, {calls:,} were due: {_word(sent == calls)}")
        return self._prove() and is_good

    def _prove(self) -> bool:
        """Compare the messageIds that the API accepted with the ledger's."""
        ledger: set[str] = set()
        for destination in self._project.destinations:
            for mapping in destination.mappings:
                warehouse = open_warehouse(warehouse_of(self._project, mapping))
                store = warehouse.state(destination.name, mapping.sync.name)
                ledger |= accepted_message_ids(store)
        received = set(self._emulator.store.message_ids())
        is_equal = received == ledger
        console.print(
            f"messageIds: the API holds {len(received):,}, the ledger {len(ledger):,}: "
            f"{_word(is_equal)}"
        )
        return is_equal

    def show_a_call(self) -> None:
        """Print one call as the API received it."""
        [call] = self._emulator.store.calls(limit=1)
        console.print("\nOne of the calls, as the API received it:")
        console.print_json(json.dumps(call.call))


def _word(is_equal: bool) -> str:  # noqa: FBT001 - one value, one word
    return "[green]equal[/]" if is_equal else "[red]NOT equal[/]"


def _print_sync(plan: PlanReport, sync: SyncReport | None) -> None:
    counts = plan.counts
    console.print(f"  [bold]{plan.sync}[/]")
    changes = ", ".join(f"{counts[name]:,} {name}" for name in ("added", "updated", "deleted"))
    waiting = f", {counts['waiting']:,} waiting to be mended" if counts["waiting"] else ""
    console.print(
        f"    {counts['read']:,} read: {changes}, {counts['unchanged']:,} unchanged{waiting}"
    )
    if plan.rejected_by_code:
        codes = numbers(plan.rejected_by_code, tuple(plan.rejected_by_code))
        console.print(f"    [yellow]{sum(plan.rejected_by_code.values()):,} rejected[/]: {codes}")
    if sync is None:
        console.print("    [red]nothing was sent[/]")
        return
    if not plan.calls and not sync.counts["planned"]:
        console.print("    nothing to send")
        return
    console.print(
        f"    {counted(plan.calls, 'call')} in {delivery_size(sync.delivery)}: "
        f"[green]{sync.counts['accepted']:,} accepted[/]"
    )
