"""Jobs: what a schedule starts, what the command line runs, and what a person picks in the UI.

Every job runs its steps in one process: two processes can't hold one DuckDB file.
"""

from collections.abc import Sequence

import dagster as dg

from segment_assets.declare.spec import DestinationSpec, MappingSpec
from segment_assets.errors import DeclarationError
from segment_assets.orchestration.keys import (
    all_job_name,
    plan_job_name,
    plan_key,
    sync_job_name,
    sync_key,
)
from segment_assets.orchestration.resource import SegmentResource

#: The plan and the sync of one mapping.
Pair = tuple[dg.AssetsDefinition, dg.AssetsDefinition]


def build_jobs(
    destination: DestinationSpec, pairs: Sequence[Pair], resources: dict[str, SegmentResource]
) -> list[dg.JobDefinition]:
    """Build a destination's jobs: plan and sync of each mapping, plan alone, and all of them.

    Raises `DeclarationError` where two mappings' names would give one job name.
    """
    name = destination.name
    jobs: list[dg.JobDefinition] = []
    every: list[dg.AssetKey] = []
    for mapping, pair in zip(destination.mappings, pairs, strict=True):
        keys = [plan_key(name, mapping.sync.name), sync_key(name, mapping.sync.name)]
        jobs += _resolve(pair, resources, *_mapping_jobs(name, mapping, keys))
        every += keys
    if every:
        both = f"Plan and deliver every mapping of {name}."
        assets = [asset for pair in pairs for asset in pair]
        jobs += _resolve(assets, resources, (all_job_name(name), every, both))
    _refuse_equal_names(name, [job.name for job in jobs])
    return jobs


_Job = tuple[str, list[dg.AssetKey], str]


def _mapping_jobs(
    destination: str, mapping: MappingSpec, keys: list[dg.AssetKey]
) -> tuple[_Job, _Job]:
    name, full_name = mapping.sync.name, mapping.sync.full_name
    return (
        (sync_job_name(destination, name), keys, f"Plan and deliver {full_name}."),
        (plan_job_name(destination, name), keys[:1], f"Plan {full_name}; nothing is sent."),
    )


def _resolve(
    assets: Sequence[dg.AssetsDefinition], resources: dict[str, SegmentResource], *jobs: _Job
) -> list[dg.JobDefinition]:
    """Resolve jobs among their own assets. A selection of assets takes their checks along.

    Left to the whole project, Dagster looks at every asset for every job: with 500 mappings that
    is 5 seconds where this is 1.
    """
    around = dg.Definitions(
        assets=assets,
        resources=resources,
        jobs=[
            dg.define_asset_job(
                name,
                selection=dg.AssetSelection.assets(*keys),
                description=description,
                executor_def=dg.in_process_executor,
            )
            for name, keys, description in jobs
        ],
    )
    return [around.resolve_job_def(name) for name, _keys, _description in jobs]


def _refuse_equal_names(destination: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DeclarationError(
            [
                f"{destination}: the job name {name} would stand for two things: "
                f"name no mapping `all`, and end no mapping's name with `__plan`"
                for name in twice
            ]
        )
