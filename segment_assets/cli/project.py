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


def choose_mappings(
    project: Project, name: str | None, *, every: bool
) -> list[tuple[DestinationSpec, MappingSpec]]:
    """Return the mapping that a name means (`destination/mapping`, or the mapping), or all.

    Raises `click.UsageError` for no name, an unknown or an ambiguous one.
    """
    pairs = [(d, m) for d in project.destinations for m in d.mappings]
    if every == (name is not None):
        raise click.UsageError("name one mapping (destination/mapping), or use --all")
    if every:
        return pairs
    found = [pair for pair in pairs if name in {pair[1].sync.full_name, pair[1].sync.name}]
    if len(found) == 1:
        return found
    names = [mapping.sync.full_name for _destination, mapping in pairs]
    if found:
        several = ", ".join(mapping.sync.full_name for _destination, mapping in found)
        raise click.UsageError(f"{name} could be any of {several}: write the whole name")
    near = difflib.get_close_matches(str(name), names, 1, 0.4)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise click.UsageError(f"there is no mapping {name}{hint}; there are: {', '.join(names)}")


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
