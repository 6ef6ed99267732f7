"""Declarations looked over before anything runs: what is wrong, and what will hurt.

The declarations are compared with the tables and columns that there really are. Nothing is
written and nothing is sent.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from segment_assets.declare.build import read_project
from segment_assets.declare.columns import check_columns, check_key
from segment_assets.declare.mistakes import Mistake, in_order
from segment_assets.declare.spec import MappingSpec, Project, WarehouseSpec
from segment_assets.declare.warnings import warn_of_consent, warn_of_mapping
from segment_assets.errors import SegmentAssetsError
from segment_assets.handoff import Column, Model
from segment_assets.warehouse import open_warehouse

#: Model key -> its columns, for each model that can be read.
Columns = dict[str, tuple[Column, ...]]


@dataclass(frozen=True, slots=True)
class Checkup:
    """All that was found, in lines for people, by file and line. `project` is what was read."""

    project: Project
    mistakes: tuple[str, ...]
    warnings: tuple[str, ...]


def check_declarations(folder: Path) -> Checkup:
    """Look over every declaration below a folder. Never raises for what they hold."""
    project, found = read_project(folder)
    mistakes = list(found)
    if not (mistakes or project.warehouses or project.destinations):
        told = f"{folder}: holds no declaration; see `segment-assets schema`"
        mistakes.append(Mistake("", "", told))
    columns: Columns = {}
    for warehouse in project.warehouses:
        if warehouse.database is not None:
            mistakes += _check_models(warehouse, columns)
    for mapping in _mappings(project):
        if mapping.source in columns:
            mistakes += check_columns(mapping, columns[mapping.source])
    # What is wrong itself would be warned of wrongly: first things first.
    wrong = {mistake.owner for mistake in mistakes}
    warnings = _warnings(project, columns, wrong)
    return Checkup(project, tuple(in_order(mistakes)), tuple(in_order(warnings)))


def _mappings(project: Project) -> Iterator[MappingSpec]:
    for destination in project.destinations:
        yield from destination.mappings


def _warnings(project: Project, columns: Columns, wrong: set[str]) -> Iterable[Mistake]:
    for destination in project.destinations:
        good = [
            item for item in destination.mappings if not wrong & {item.sync.full_name, item.source}
        ]
        for mapping in good:
            yield from warn_of_mapping(mapping, columns.get(mapping.source))
        yield from warn_of_consent(good, columns)


def _check_models(spec: WarehouseSpec, columns: Columns) -> Iterator[Mistake]:
    """Fill in the columns of each model that can be read; yield what is wrong with the others."""
    warehouse = open_warehouse(spec)
    told: set[str] = set()
    for model in spec.models:
        try:
            columns[model.key] = warehouse.describe(model)
        except SegmentAssetsError as error:  # a file that isn't there is told once, not per model
            if str(error) not in told:
                told.add(str(error))
                yield _unreadable(spec, model, error)
        else:
            yield from check_key(model, columns[model.key], spec.locate)


def _unreadable(spec: WarehouseSpec, model: Model, error: SegmentAssetsError) -> Mistake:
    is_there = spec.database is not None and spec.database.is_file()
    read = "table" if model.query is None else "query"
    path = ("models", model.key, read) if is_there else ("database",)
    place = spec.position if spec.locate is None else spec.locate(path)
    return Mistake(model.key if is_there else spec.name, path[-1], str(error), place)
