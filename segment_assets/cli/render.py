"""Tables and progress for people. Numbers first, then what to do."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.table import Table

from segment_assets.codes import CODES
from segment_assets.handoff import PlanReport, SyncReport

console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
_errors = Console(stderr=True, highlight=False, soft_wrap=True)
_GATE_MARKS = {"passed": "[green]passed[/]", "warning": "[yellow]warning[/]",
               "blocked": "[red]blocked[/]"}  # fmt: skip


def numbers(counts: dict[str, int], names: tuple[str, ...]) -> str:
    """Return counts in words, zeros left out except for the first."""
    parts = [f"{counts.get(name, 0):,} {name}" for name in names]
    shown = [part for index, part in enumerate(parts) if index == 0 or not part.startswith("0 ")]
    return ", ".join(shown)


def print_plan(report: PlanReport) -> None:
    """Print a plan: what changed, what is rejected and why, what it costs, the gates."""
    counts = dict(report.counts)
    state = " (made earlier, delivered first)" if report.resumed else ""
    console.print(f"[bold]{report.sync}[/]  plan {report.plan_id}  {report.status}{state}")
    table = Table.grid(padding=(0, 2))
    table.add_row("  rows", numbers(counts, ("read", "null_key", "duplicate_key", "collapsed")))
    names = ("planned", "added", "updated", "deleted", "unchanged", "adopted", "unselected",
             "waiting")  # fmt: skip
    table.add_row("  records", numbers(counts, names))
    cost = f"{report.calls:,} calls to be billed, {report.new_users:,} new users this month"
    table.add_row("  cost", cost)
    size = f"{report.bytes_to_send:,} bytes, about {report.batches:,} batches"
    rate = f", {report.seconds_at_rate:,.0f} s at the rate budget" if report.seconds_at_rate else ""
    table.add_row("  size", size + rate)
    console.print(table)
    _print_rejections(report)
    for gate in report.gates:
        console.print(f"  gate {gate.name}: {_GATE_MARKS[gate.status]}: {escape(gate.sentence)}")
    for note in report.notes:
        console.print(f"  note: {escape(note)}")
    if report.status == "blocked":
        console.print(
            "  Nothing was sent. Mend the rows and plan again, or approve this plan:\n"
            f'  segment-assets approve {report.plan_id} --reason "..."'
        )


def _print_rejections(report: PlanReport) -> None:
    for code, count in report.rejected_by_code.items():
        console.print(f"  [yellow]{count:,} {code}[/]: {CODES[code].meaning}; {CODES[code].remedy}")
        for sample in report.samples:
            if sample.code == code:
                console.print(f"    record {escape(sample.record_id)}: {escape(sample.message)}")
    for code, count in report.warned_by_code.items():
        console.print(f"  {count:,} warned {code}: {CODES[code].meaning}")


def print_sync(report: SyncReport) -> None:
    """Print a delivery: outcomes, volume, the law, and what is owed."""
    delivery = report.delivery
    mark = "[green]accepted[/]" if report.finished else "[red]not finished[/]"
    rate = delivery.accepted / delivery.seconds if delivery.seconds else 0.0
    console.print(
        f"[bold]{report.sync}[/]  {mark}: {report.counts['accepted']:,} calls accepted in "
        f"{delivery.batches:,} batches, {delivery.bytes_sent:,} bytes, "
        f"{delivery.seconds:.1f} s ({rate:,.0f} calls/s)"
    )
    for line in report.law:
        console.print(f"  law: {line}")
    for warning in delivery.warnings:
        console.print(f"  [yellow]warning[/]: {escape(warning)}")
    if delivery.failure:
        console.print(f"  [red]{delivery.failure_code}[/]: {escape(delivery.failure)}")


def print_error(error: BaseException) -> None:
    """Print why an asset stopped, on stderr."""
    _errors.print(f"[red]Error[/]: {escape(str(error) or type(error).__name__)}")


class Progress:
    """A bar per sync while calls are sent; nothing where stdout is no terminal."""

    def __init__(self, *, is_shown: bool = True) -> None:
        self._bars = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("calls"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not (is_shown and console.is_terminal),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Show the bars."""
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bars away."""
        self._bars.stop()

    def update(self, sync: str, settled: int, total: int) -> None:
        """Move a sync's bar; called from the sending threads."""
        if sync not in self._tasks:
            self._tasks[sync] = self._bars.add_task(sync, total=total)
        self._bars.update(self._tasks[sync], completed=settled)
