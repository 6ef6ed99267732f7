"""How a caller in the same process gets what the assets of its run made, as facts and not as text.

Dagster hands back events; a command line needs the reports themselves and a progress bar. The
listener is a context variable: steps of an in-process run see it, other runs don't.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from segment_assets.handoff import PlanReport, SyncReport

#: Called with the sync's full name, calls settled so far and calls in all.
OnProgress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Reports:
    """Everything that the assets of one run handed over, in the order they finished."""

    plans: list[PlanReport] = field(default_factory=list)
    syncs: list[SyncReport] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    on_progress: OnProgress | None = None


_listener: ContextVar[Reports | None] = ContextVar("segment_assets_reports", default=None)


@contextmanager
def listen(on_progress: OnProgress | None = None) -> Iterator[Reports]:
    """Collect the reports of every asset that runs inside."""
    reports = Reports(on_progress=on_progress)
    token = _listener.set(reports)
    try:
        yield reports
    finally:
        _listener.reset(token)


def hand_over(report: PlanReport | SyncReport | BaseException) -> None:
    """Give a report or an error to whoever listens; the event log has them in any case."""
    reports = _listener.get()
    if reports is None:
        return
    if isinstance(report, PlanReport):
        reports.plans.append(report)
    elif isinstance(report, SyncReport):
        reports.syncs.append(report)
    else:
        reports.errors.append(report)


def progress_of(sync: str) -> Callable[[int, int], None] | None:
    """Return what delivery calls with (settled, all) calls, or None when nobody listens."""
    reports = _listener.get()
    if reports is None or reports.on_progress is None:
        return None
    on_progress = reports.on_progress
    return lambda settled, total: on_progress(sync, settled, total)
