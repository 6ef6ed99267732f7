"""Tables and progress for people. Numbers first, then what to do."""

import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from segment_assets.codes import CODES
from segment_assets.errors import SegmentAssetsError
from segment_assets.handoff import DeliveryReport, PlanReport, SyncReport

console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
_errors = Console(stderr=True, highlight=False, soft_wrap=True)
_GATE_MARKS = {"passed": "[green]passed[/]", "warning": "[yellow]warning[/]",
               "blocked": "[red]blocked[/]"}  # fmt: skip
_ROWS = ("read", "null_key", "duplicate_key", "collapsed")
_RECORDS = ("planned", "added", "updated", "deleted", "unchanged", "adopted", "unselected",
            "waiting")  # fmt: skip
#: The rate of fewer calls is that of opening connections.
_RATE_FROM_CALLS = 1_000
_TELL_SECONDS = 20.0


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: 1 batch, 2 batches."""
    plural = "es" if noun.endswith(("ch", "s")) else "s"
    return f"{count:,} {noun}{'' if count == 1 else plural}"


def numbers(counts: Mapping[str, int], names: Sequence[str]) -> str:
    """Return counts in words, zeros left out except for the first."""
    parts = [f"{counts.get(name, 0):,} {name}" for name in names]
    shown = [part for index, part in enumerate(parts) if index == 0 or not part.startswith("0 ")]
    return ", ".join(shown)


def print_plan(report: PlanReport) -> None:
    """Print a plan: what changed, what is rejected and why, what it costs, the gates."""
    state = " (made earlier, delivered first)" if report.resumed else ""
    console.print(f"[bold]{report.sync}[/]  plan {report.plan_id}  {report.status}{state}")
    rows, records = numbers(report.counts, _ROWS), numbers(report.counts, _RECORDS)
    console.print(f"  rows     {rows}\n  records  {records}")
    users = counted(report.new_users, "new user")
    console.print(f"  cost     {counted(report.calls, 'call')} to be billed, {users} this month")
    rate = f", {report.seconds_at_rate:,.0f} s at the rate budget" if report.seconds_at_rate else ""
    batches = counted(report.batches, "batch")
    console.print(f"  size     {counted(report.bytes_to_send, 'byte')}, about {batches}{rate}")
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
                console.print(f"    record {escape(f'{sample.record_id}: {sample.message}')}")
    for code, count in report.warned_by_code.items():
        console.print(f"  {count:,} warned {code}: {CODES[code].meaning}")


def print_sync(report: SyncReport) -> None:
    """Print a delivery: outcomes, volume, the law, and what is owed."""
    delivery, accepted = report.delivery, report.counts["accepted"]
    mark = "[green]all settled[/]" if report.finished else "[red]not finished[/]"
    what = f"{counted(accepted, 'call')} accepted, {delivery_size(delivery)}"
    if report.finished and not delivery.posts:
        what = "there was nothing to send"
    console.print(f"[bold]{report.sync}[/]  {mark}: {what}")
    for line in report.law:
        console.print(f"  law: {line}")
    for warning in delivery.warnings:
        console.print(f"  [yellow]warning[/]: {escape(warning)}")
    if delivery.failure:
        console.print(f"  [red]{delivery.failure_code}[/]: {escape(delivery.failure)}")


def delivery_size(delivery: DeliveryReport) -> str:
    """Return what went over the wire in words, with the rate where there is one to speak of."""
    size = f"{counted(delivery.batches, 'batch')}, {counted(delivery.bytes_sent, 'byte')}"
    if delivery.accepted < _RATE_FROM_CALLS or not delivery.seconds:
        return size
    return f"{size}, {delivery.accepted / delivery.seconds:,.0f} calls/s"


def print_error(error: BaseException) -> None:
    """Print why an asset stopped, on stderr; a fault of this package with its traceback."""
    _errors.print(f"[red]Error[/]: {escape(str(error) or type(error).__name__)}")
    if isinstance(error, Exception) and not isinstance(error, SegmentAssetsError):
        click.echo("".join(traceback.format_exception(error)), err=True)
        _errors.print("This is a fault of segment_assets: please report it with these lines.")


class Progress:
    """How far the sending is: a bar per sync on a terminal, elsewhere a line now and then.

    The lines go to stderr, so that a run that waits for an endpoint is no silent one, and what is
    on stdout stays the result.
    """

    def __init__(self, *, is_shown: bool = True) -> None:
        self._has_bars = is_shown and console.is_terminal
        self._bars = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("calls"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not self._has_bars,
        )
        self._tasks: dict[str, TaskID] = {}
        self._told_at: dict[str, float] = {}

    def __enter__(self) -> Self:
        """Show the bars."""
        if self._has_bars:  # rich 14 ends bars that are disabled with an empty line
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bars away."""
        if self._has_bars:
            self._bars.stop()

    def update(self, sync: str, settled: int, total: int) -> None:
        """Move a sync's bar, or write a line if the last one is some time ago."""
        if not self._has_bars:
            now = time.monotonic()
            if now - self._told_at.setdefault(sync, now) >= _TELL_SECONDS:
                self._told_at[sync] = now
                _errors.print(f"{sync}: {settled:,} of {counted(total, 'call')} settled, going on")
            return
        if sync not in self._tasks:
            self._tasks[sync] = self._bars.add_task(sync, total=total)
        self._bars.update(self._tasks[sync], completed=settled)
