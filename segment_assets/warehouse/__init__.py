"""Where models live: one adapter and one SQL dialect per engine."""

from segment_assets.declare.spec import WarehouseSpec
from segment_assets.errors import ModelError
from segment_assets.seams import Warehouse


def open_warehouse(spec: WarehouseSpec) -> Warehouse:
    """Return the adapter of a declared warehouse; its driver is imported here, not at load.

    Raises `ModelError` for an engine that has no adapter.
    """
    if spec.engine != "duckdb" or spec.database is None:
        raise ModelError(
            f"warehouse {spec.name}: engine {spec.engine!r} has no adapter; available: duckdb"
        )
    from segment_assets.warehouse.duckdb import DuckDBWarehouse  # noqa: PLC0415 - driver is heavy

    return DuckDBWarehouse(spec.name, spec.database)
