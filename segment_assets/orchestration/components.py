"""`Warehouse` and `SegmentDestination`: the component types that YAML or Python names.

They hold what a user wrote, and no more. What it means is decided in `declare/`, what Dagster
shows in `factory.py`: so YAML, a dg project and Python give equal asset graphs.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self

import dagster as dg
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator

from segment_assets.declare.build import build_destination, build_warehouse
from segment_assets.declare.spec import DestinationSpec, WarehouseSpec
from segment_assets.errors import DeclarationError
from segment_assets.handoff import Model
from segment_assets.orchestration.factory import (
    build_destination_definitions,
    build_warehouse_definitions,
)
from segment_assets.orchestration.written import Written, find_written

# Passed through unread: dg takes {{email}} for a template of its own.
_Unread = Annotated[Sequence[Mapping[str, Any]], dg.Resolver.passthrough()]


def _refuse_in_yaml(_context: dg.ResolutionContext, written: Any) -> tuple[()]:
    if written:
        raise DeclarationError(["warehouses: in YAML a Warehouse is a document of its own"])
    return ()


class _Declared(dg.Component, dg.Model, dg.Resolvable):
    """What both components share: the attributes as written, and where."""

    model_config = ConfigDict(extra="forbid")
    _written: Written | None = PrivateAttr(default=None)

    @classmethod
    def load(cls, attributes: BaseModel | None, context: dg.ComponentLoadContext) -> Self:
        """Load from YAML; remember the file, for line numbers and relative paths."""
        component = super().load(attributes, context)
        component._written = find_written(context, getattr(attributes, "name", None))  # noqa: SLF001 # its own
        return component

    def _attributes(self, unread: str, *apart: str) -> dict[str, Any]:
        """Return the attributes that say something, as the declarations' readers expect them.

        `unread` is taken as this package reads YAML, where `on` and `12:30` stay text.
        """
        fields = type(self).model_fields
        given = {name: getattr(self, name) for name in fields if name not in apart}
        said = {name: value for name, value in given.items() if value != fields[name].default}
        if self._written is not None and unread in self._written.attributes:
            said[unread] = self._written.attributes[unread]
        return said


class Warehouse(_Declared):
    """A database and the models in it whose rows become calls."""

    name: str
    engine: str
    database: str | None = Field(
        default=None, description="path of the DuckDB file, relative to this file"
    )
    dsn_env: str | None = Field(
        default=None, description="name of the environment variable with the connection string"
    )
    models: _Unread = Field(description="{key, table or query, primary_key, timezone}")
    asset_specs: bool = Field(
        default=True,
        description="false where this code location itself builds the tables, with dbt for one: "
        "Dagster takes one definition of a key",
    )

    @field_validator("database", mode="before")
    @classmethod
    def _take_paths(cls, value: Any) -> Any:
        return str(value) if isinstance(value, Path) else value

    def build_spec(self) -> WarehouseSpec:
        """Return the facts. Raises `DeclarationError` with every mistake."""
        attributes = self._attributes("models", "asset_specs")
        if self._written is not None:
            return build_warehouse(
                attributes, base=self._written.folder, locate=self._written.locate
            )
        if self.database and not Path(self.database).expanduser().is_absolute():
            mistake = (
                f"{self.name}: database: {self.database} is relative, and Python has no file "
                "that it could be relative to; write Path(__file__).parent / ..."
            )
            raise DeclarationError([mistake])
        return build_warehouse(attributes, base=Path("/"))

    def build_definitions(self) -> dg.Definitions:
        """Declare the models as assets that are built elsewhere."""
        if not self.asset_specs:
            return dg.Definitions()
        return build_warehouse_definitions(self.build_spec())

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:  # noqa: ARG002 # dg's signature
        """Build what dg asks for."""
        return self.build_definitions()


class SegmentDestination(_Declared):
    """One Segment source and the mappings that fill it. Its models come from `Warehouse`s."""

    name: str
    write_key_env: str = Field(description="name of the environment variable with the write key")
    region: str = Field(default="us", description="us or eu")
    endpoint: str | None = Field(default=None, description="instead of the region's host")
    endpoint_env: str | None = Field(default=None, description="name of a variable with it")
    events_per_second: float | None = Field(default=None, description="default 1000")
    allow_placeholder_ids: bool = False
    mappings: _Unread = Field(description="at most 50")
    warehouses: Annotated[
        Sequence[Warehouse],
        dg.Resolver(_refuse_in_yaml, model_field_type=Sequence[Mapping[str, Any]]),
    ] = Field(default=(), description="for Python; in YAML a Warehouse is a document of its own")

    def build_spec(self, warehouses: Iterable[WarehouseSpec]) -> DestinationSpec:
        """Return the facts. Raises `DeclarationError` with every mistake."""
        locate = self._written.locate if self._written else None
        attributes = self._attributes("mappings", "warehouses")
        return build_destination(attributes, models=_models(warehouses), locate=locate)

    def build_definitions(self) -> dg.Definitions:
        """Build the destination and the models of the warehouses that were given to it."""
        return self._build([warehouse.build_spec() for warehouse in self.warehouses])

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Build the destination from every `Warehouse` of the project, in whatever order."""
        around = context.component_tree.get_all_components(of_type=Warehouse)
        return self._build([item.build_spec() for item in (*self.warehouses, *around)])

    def _build(self, warehouses: list[WarehouseSpec]) -> dg.Definitions:
        destination = self.build_spec(warehouses)
        own = [warehouse.build_definitions() for warehouse in self.warehouses]
        return dg.Definitions.merge(*own, build_destination_definitions(destination, warehouses))


def _models(warehouses: Iterable[WarehouseSpec]) -> dict[str, Model]:
    models: dict[str, Model] = {}
    mistakes = []
    for warehouse in warehouses:
        for model in warehouse.models:
            if model.key in models:
                mistakes.append(f"{warehouse.name}: {model.key} is declared twice; keys are unique")
            models[model.key] = model
    if mistakes:
        raise DeclarationError(mistakes)
    return models
