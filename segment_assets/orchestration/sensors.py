"""Sensors for `after: [asset keys]`: a sync follows what fills its table, in any code location."""

import json

import dagster as dg

from segment_assets.declare.spec import DestinationSpec, MappingSpec
from segment_assets.orchestration.keys import model_key, sync_job_name
from segment_assets.orchestration.schedules import run_in_progress


def build_sensors(destination: DestinationSpec) -> list[dg.SensorDefinition]:
    """Build one sensor for each mapping that runs after other assets."""
    return [
        _sensor(destination.name, mapping, mapping.schedule.after)
        for mapping in destination.mappings
        if mapping.schedule is not None and mapping.schedule.after
    ]


def _sensor(destination: str, mapping: MappingSpec, after: tuple[str, ...]) -> dg.SensorDefinition:
    job_name = sync_job_name(destination, mapping.sync.name)

    def tick(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        seen: dict[str, int] = json.loads(context.cursor) if context.cursor else {}
        latest = {key: _latest(context.instance, key) for key in after}
        fresh = [key for key in after if latest[key] > seen.get(key, 0)]
        if not fresh:
            return dg.SkipReason(f"none of {', '.join(after)} was materialised since the last tick")
        waiting = run_in_progress(context.instance, job_name)
        if waiting:  # the cursor stays, so the next tick sees the same materialisation
            return dg.SkipReason(waiting)
        return dg.SensorResult(run_requests=[dg.RunRequest()], cursor=json.dumps(latest))

    running, stopped = dg.DefaultSensorStatus.RUNNING, dg.DefaultSensorStatus.STOPPED
    return dg.SensorDefinition(
        name=f"{job_name}__after",
        evaluation_fn=tick,
        job_name=job_name,
        minimum_interval_seconds=30,
        description=f"{mapping.sync.full_name}: after {', '.join(after)}.",
        default_status=running if mapping.enabled else stopped,
    )


def _latest(instance: dg.DagsterInstance, key: str) -> int:
    """Return the event log's number of an asset's newest materialisation, 0 for none."""
    records = instance.fetch_materializations(model_key(key), limit=1).records
    return records[0].storage_id if records else 0
