"""Which declarations a command works on, and which of their mappings a name means."""

import difflib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from segment_assets.declare.build import load_project
from segment_assets.declare.spec import DestinationSpec, MappingSpec, Project, WarehouseSpec

DEFS_VARIABLE = "SEGMENT_ASSETS_DEFS"


def defs_folder(given: str | None) -> Path:
    """Return the folder of declarations: the option or variable, else the app's own."""
    if given:
        return Path(given).expanduser().resolve()
    return Path(__file__).resolve().parent.parent / "defs"


def open_project(context: click.Context) -> Project:
    """Load the declarations and make Dagster, in this process, see the same.

    Raises `DeclarationError` with every mistake.
    """
    folder = defs_folder(context.find_root().obj)
    os.environ[DEFS_VARIABLE] = str(folder)
    return load_project(folder)


def all_mappings(project: Project) -> list[tuple[DestinationSpec, MappingSpec]]:
    """Return every mapping of every destination, in the order in which they are written."""
    return [(d, m) for d in project.destinations for m in d.mappings]


def choose_mappings(
    project: Project, name: str | None, *, every: bool
) -> list[tuple[DestinationSpec, MappingSpec]]:
    """Return the mapping that a name means, or all.

    Raises `click.UsageError` for no name, an unknown or an ambiguous one, or nothing to choose.
    """
    if every == (name is not None):
        raise click.UsageError("Name one mapping (destination/mapping), or use --all.")
    pairs = all_mappings(project)
    if not pairs:
        raise click.UsageError(f"No mapping is declared in {os.environ[DEFS_VARIABLE]}.")
    return pairs if name is None else [choose_mapping(project, name)]


def choose_mapping(project: Project, name: str) -> tuple[DestinationSpec, MappingSpec]:
    """Return the mapping that a name means: `destination/mapping`, or the mapping alone.

    Raises `click.UsageError` for an unknown or an ambiguous name.
    """
    pairs = all_mappings(project)
    found = [pair for pair in pairs if name in {pair[1].sync.full_name, pair[1].sync.name}]
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(mapping.sync.full_name for _destination, mapping in found)
        raise click.UsageError(f"{name} could be any of {several}: write the whole name.")
    names = {mapping.sync.full_name: mapping.sync.full_name for _destination, mapping in pairs}
    short = {mapping.sync.name: mapping.sync.full_name for _destination, mapping in pairs}
    near = difflib.get_close_matches(name, [*names, *short], 1, 0.6)
    hint = f" Did you mean {(names | short)[near[0]]}?" if near else ""
    known = ", ".join(names) or "none"
    raise click.UsageError(f"There is no mapping {name}.{hint} Mappings: {known}.")


def warehouse_of(project: Project, mapping: MappingSpec) -> WarehouseSpec:
    """Return the warehouse whose model a mapping reads."""
    return next(
        spec
        for spec in project.warehouses
        if any(model.key == mapping.source for model in spec.models)
    )


def print_json(facts: Mapping[str, Any] | list[Any]) -> None:
    """Print one JSON document on stdout, for machines."""
    click.echo(json.dumps(facts, indent=2, default=str))
