"""Schedules by the clock. Stopped unless the mapping is enabled, as at Segment."""

import dagster as dg

from segment_assets.declare.spec import DestinationSpec, MappingSpec
from segment_assets.orchestration.keys import sync_job_name
from segment_assets.orchestration.processes import free_dead_runs

_IN_PROGRESS = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def build_schedules(destination: DestinationSpec) -> list[dg.ScheduleDefinition]:
    """Build one schedule for each mapping that declares a time."""
    return [
        _schedule(destination.name, mapping)
        for mapping in destination.mappings
        if mapping.schedule is not None and mapping.schedule.cron is not None
    ]


def _schedule(destination: str, mapping: MappingSpec) -> dg.ScheduleDefinition:
    job_name = sync_job_name(destination, mapping.sync.name)

    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        waiting = run_in_progress(context.instance, job_name)
        return dg.SkipReason(waiting) if waiting else dg.RunRequest()

    running, stopped = dg.DefaultScheduleStatus.RUNNING, dg.DefaultScheduleStatus.STOPPED
    schedule = mapping.schedule
    return dg.ScheduleDefinition(
        name=f"{job_name}__schedule",
        cron_schedule=schedule.cron if schedule else None,
        execution_timezone=schedule.timezone if schedule else None,
        job_name=job_name,
        execution_fn=tick,
        description=f"{mapping.sync.full_name}: {schedule.words if schedule else 'manual'}.",
        default_status=running if mapping.enabled else stopped,
    )


def run_in_progress(instance: dg.DagsterInstance, job_name: str) -> str | None:
    """Return a sentence when a run of this job has not ended, else None.

    A run whose process was killed on this host is ended here first, or it would stop the
    schedule for ever.
    """
    filters = dg.RunsFilter(job_name=job_name, statuses=_IN_PROGRESS)
    if instance.get_runs(filters=filters, limit=1):
        free_dead_runs(instance)
    runs = instance.get_runs(filters=filters, limit=1)
    if not runs:
        return None
    return (
        f"run {runs[0].run_id} of {job_name} is still {runs[0].status.value.lower()}; "
        "what changes until it ends is planned at the next tick"
    )
