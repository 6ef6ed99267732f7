"""What the assets do when they run. The core is imported here, at run time: loading stays light."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError

from segment_assets.declare.spec import MappingSpec, WarehouseSpec
from segment_assets.errors import SegmentAssetsError
from segment_assets.handoff import PlanReport, SyncReport
from segment_assets.orchestration.metadata import sync_metadata
from segment_assets.orchestration.reports import hand_over, progress_of
from segment_assets.orchestration.resource import SegmentResource

if TYPE_CHECKING:
    from segment_assets.seams import Warehouse

_POLL_SECONDS = 1.0
_TRIED_ROWS = 3
_STOPPED = {
    dg.DagsterRunStatus.CANCELING: "the run was terminated",
    dg.DagsterRunStatus.CANCELED: "the run was terminated",
    dg.DagsterRunStatus.FAILURE: "the run was reported failed while it went on",
}
_CANCELLED = "Cancelled. What was sent is in the ledger; the next run goes on from there."
#: What a sync asset yields.
SyncEvent = dg.AssetObservation | dg.MaterializeResult[Any]
#: What a delivery may leave behind that keeps its asset from being green.
_UNSETTLED = ("pending", "uncertain", "rejected_by_api")


def make_plan(mapping: MappingSpec, warehouse: WarehouseSpec, rate: float | None) -> PlanReport:
    """Plan one mapping and hand the report over. `rate` is in calls per second, None = no limit."""
    from segment_assets.sync import plan_sync  # noqa: PLC0415 # light loading

    report = plan_sync(mapping.sync, _open(warehouse), mask=mapping.mask, rate=rate)
    hand_over(report)
    return report


def try_rows(mapping: MappingSpec, warehouse: WarehouseSpec) -> list[dict[str, Any]]:
    """Map and check a few real rows, masked: what Test Mapping shows, for the plan's page."""
    from segment_assets.trial import try_mapping  # noqa: PLC0415 # light loading

    return try_mapping(mapping.sync, _open(warehouse), limit=_TRIED_ROWS, mask=mapping.mask)


def deliver(
    context: dg.AssetExecutionContext,
    mapping: MappingSpec,
    warehouse: WarehouseSpec,
    segment: SegmentResource,
) -> SyncReport:
    """Deliver the approved plan of one mapping and hand the report over."""
    from segment_assets.sync import deliver_plan  # noqa: PLC0415 # light loading

    report = deliver_plan(
        mapping.sync,
        _open(warehouse),
        segment.connection(),
        holder=f"dagster run {context.run.run_id}",
        should_stop=stop_reason(context.instance, context.run.run_id),
        on_progress=progress_of(mapping.sync.full_name),
    )
    hand_over(report)
    return report


def _open(warehouse: WarehouseSpec) -> "Warehouse":
    from segment_assets.warehouse import open_warehouse  # noqa: PLC0415 # light loading

    return open_warehouse(warehouse)


def show_outcome(key: dg.AssetKey, report: SyncReport) -> Iterator[SyncEvent]:
    """Yield a materialisation, or raise `Failure` when planned records are owed or uncertain.

    A failed sync keeps its numbers too, as an observation: a materialisation would be green.
    """
    metadata = sync_metadata(report)
    left = {name: report.counts.get(name, 0) for name in _UNSETTLED}
    if report.finished and not any(left.values()):
        yield dg.MaterializeResult(metadata=metadata)
        return
    yield dg.AssetObservation(key, metadata=metadata)
    counts = ", ".join(f"{count} {name}" for name, count in left.items() if count)
    why = report.delivery.failure or "the plan is not settled, the next run goes on from the ledger"
    raise dg.Failure(
        f"{report.sync}: {why} ({counts or 'not finished'})", metadata=metadata, allow_retries=False
    )


def stop_reason(
    instance: dg.DagsterInstance,
    run_id: str,
    clock: Callable[[], float] = time.monotonic,
) -> Callable[[], str | None]:
    """Return what delivery asks between batches: the stored status of its own run, once a second.

    Terminate in the UI can't signal a run that the command line started; this is how it hears it.
    """
    asked_at = clock() - _POLL_SECONDS

    def should_stop() -> str | None:
        nonlocal asked_at
        if clock() - asked_at < _POLL_SECONDS:
            return None
        asked_at = clock()
        run = instance.get_run_by_id(run_id)
        return _STOPPED.get(run.status) if run is not None else None

    return should_stop


@contextmanager
def errors_as_failures(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Turn this package's errors, and cancel, into failures that Dagster never tries again.

    An interrupt is no `Exception`: left alone, a retry policy would run the step again and send
    on. A limit of 0 run retries says the same to the daemon that starts failed runs anew.
    """
    try:
        yield
    except (DagsterExecutionInterruptedError, KeyboardInterrupt) as interrupt:
        hand_over(KeyboardInterrupt(_CANCELLED))  # Dagster's own interrupt says nothing
        context.instance.add_run_tags(context.run.run_id, {"dagster/max_retries": "0"})
        raise dg.Failure(_CANCELLED, allow_retries=False) from interrupt
    except dg.Failure:
        raise  # said already
    except SegmentAssetsError as error:
        hand_over(error)
        raise dg.Failure(str(error), metadata={"code": error.code}, allow_retries=False) from error
    except Exception as error:
        hand_over(error)
        raise
