"""Declarations -> Dagster definitions. Pure: YAML, components and Python all come through here."""

from collections.abc import Iterator, Sequence

import dagster as dg

from segment_assets.declare.spec import DestinationSpec, MappingSpec, Project, WarehouseSpec
from segment_assets.errors import DeclarationError
from segment_assets.handoff import Model
from segment_assets.orchestration.checks import build_check_specs, check_results
from segment_assets.orchestration.describe import describe_plan, describe_sync, mapping_metadata
from segment_assets.orchestration.jobs import build_jobs
from segment_assets.orchestration.keys import (
    model_key,
    plan_key,
    pool_name,
    resource_key,
    sync_key,
)
from segment_assets.orchestration.metadata import plan_metadata, trial_metadata
from segment_assets.orchestration.resource import build_resource, destination_rate
from segment_assets.orchestration.schedules import build_schedules
from segment_assets.orchestration.sensors import build_sensors
from segment_assets.orchestration.steps import (
    SyncEvent,
    deliver,
    errors_as_failures,
    make_plan,
    show_outcome,
    try_rows,
)


def build_definitions(project: Project) -> dg.Definitions:
    """Build everything that a folder of declarations asks for."""
    parts = [build_warehouse_definitions(warehouse) for warehouse in project.warehouses]
    parts += [
        build_destination_definitions(destination, project.warehouses)
        for destination in project.destinations
    ]
    return dg.Definitions.merge(dg.Definitions(executor=dg.in_process_executor), *parts)


def build_warehouse_definitions(warehouse: WarehouseSpec) -> dg.Definitions:
    """Declare a warehouse's models, under the keys by which dbt or others may build them."""
    return dg.Definitions(assets=[_model_spec(warehouse, model) for model in warehouse.models])


def build_destination_definitions(
    destination: DestinationSpec, warehouses: Sequence[WarehouseSpec]
) -> dg.Definitions:
    """Build one destination: a plan and a sync per mapping, jobs, schedules, sensors, resource.

    Raises `DeclarationError` for mappings whose model is in none of the warehouses.
    """
    homes = {model.key: warehouse for warehouse in warehouses for model in warehouse.models}
    lost = [mapping for mapping in destination.mappings if mapping.sync.model.key not in homes]
    if lost:
        raise DeclarationError([_no_warehouse(mapping, homes) for mapping in lost])
    pairs = []
    for mapping in destination.mappings:
        home = homes[mapping.sync.model.key]
        pairs.append(
            (_plan_asset(destination, mapping, home), _sync_asset(destination, mapping, home))
        )
    resources = {resource_key(destination.name): build_resource(destination)}
    return dg.Definitions(
        assets=[asset for pair in pairs for asset in pair],
        jobs=build_jobs(destination, pairs, resources),
        schedules=build_schedules(destination),
        sensors=build_sensors(destination),
        resources=resources,
    )


def _plan_asset(
    destination: DestinationSpec, mapping: MappingSpec, warehouse: WarehouseSpec
) -> dg.AssetsDefinition:
    key, source = plan_key(destination.name, mapping.sync.name), model_key(mapping.source)

    @dg.asset(
        key=key,
        deps=[source],
        check_specs=build_check_specs(key),
        description=describe_plan(mapping),
        group_name=destination.name,
        kinds={"segment", mapping.sync.action},
        tags=_tags(mapping),
        owners=mapping.owners,
    )
    def plan(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg] # Dagster reads it
        with errors_as_failures(context):
            tried = try_rows(mapping, warehouse)
            report = make_plan(mapping, warehouse, destination_rate(destination))
            rows = {"dagster/row_count": report.counts.get("read", 0)}
            context.log_event(dg.AssetObservation(source, metadata=rows))
            metadata = plan_metadata(report) | trial_metadata(tried) | mapping_metadata(mapping)
            return dg.MaterializeResult(metadata=metadata, check_results=check_results(report, key))

    return plan


def _sync_asset(
    destination: DestinationSpec, mapping: MappingSpec, warehouse: WarehouseSpec
) -> dg.AssetsDefinition:
    segment = resource_key(destination.name)

    @dg.asset(
        key=sync_key(destination.name, mapping.sync.name),
        deps=[plan_key(destination.name, mapping.sync.name)],
        description=describe_sync(mapping),
        required_resource_keys={segment},
        pool=pool_name(destination.name),
        group_name=destination.name,
        kinds={"segment", mapping.sync.action},
        tags=_tags(mapping),
        owners=mapping.owners,
    )
    def sync(context: dg.AssetExecutionContext) -> Iterator[SyncEvent]:
        with errors_as_failures(context):
            report = deliver(context, mapping, warehouse, getattr(context.resources, segment))
            yield from show_outcome(context.asset_key, report)

    return sync


def _tags(mapping: MappingSpec) -> dict[str, str]:
    return {"segment_assets/action": mapping.sync.action, **mapping.tags}


def _model_spec(warehouse: WarehouseSpec, model: Model) -> dg.AssetSpec:
    name = {"dagster/table_name": model.table} if model.table else {}
    what = f"The table {model.table}" if model.table else f"The query\n\n```sql\n{model.query}\n```"
    return dg.AssetSpec(
        model_key(model.key),
        group_name=warehouse.name,
        kinds={warehouse.engine},
        description=f"{what}\n\nin {warehouse.name}, keyed by `{model.primary_key}`.",
        metadata={**name, "primary_key": model.primary_key},
    )


def _no_warehouse(mapping: MappingSpec, homes: dict[str, WarehouseSpec]) -> str:
    where = f"{mapping.position}: " if mapping.position else ""
    known = ", ".join(sorted(homes)) or "none"
    return (
        f"{where}{mapping.sync.full_name}: source {mapping.source} is a model of no warehouse; "
        f"known models: {known}"
    )
