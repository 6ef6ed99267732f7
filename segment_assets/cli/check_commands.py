"""`check`, `schema` and `test-mapping`: before anything is sent."""

import json
from collections.abc import Iterator
from typing import Any

import click
from rich.markup import escape

from segment_assets.cli.project import (
    all_mappings,
    choose_mapping,
    defs_folder,
    open_project,
    print_json,
    warehouse_of,
)
from segment_assets.cli.render import console, counted
from segment_assets.declare.spec import Project, WarehouseSpec
from segment_assets.errors import DeclarationError, SegmentAssetsError
from segment_assets.handoff import Column
from segment_assets.warehouse import open_warehouse

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")


@click.command()
@_JSON
@click.pass_context
def check(context: click.Context, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Report every mistake in the declarations.

    Each with file, line, what was found and what is allowed. The tables and columns that the
    declarations name are looked up in the warehouse; nothing is written and nothing is sent.
    """
    folder = defs_folder(context.find_root().obj)
    mistakes: list[str] = []
    project = Project((), ())
    try:
        project = open_project(context)
    except DeclarationError as error:
        mistakes = list(error.mistakes)
    else:
        mistakes = list(_warehouse_mistakes(project))
        if not (project.warehouses or project.destinations):
            mistakes = [f"{folder}: holds no declaration; see `segment-assets schema`"]
    mappings = [mapping.sync.full_name for _destination, mapping in all_mappings(project)]
    if as_json:
        print_json({"folder": str(folder), "mistakes": mistakes, "mappings": mappings})
    elif mistakes:
        for mistake in mistakes:
            click.echo(mistake)
        click.echo(f"{counted(len(mistakes), 'mistake')} in {folder}")
    else:
        models = sum(len(warehouse.models) for warehouse in project.warehouses)
        console.print(
            f"{escape(str(folder))}: {counted(models, 'model')}, "
            f"{counted(len(project.destinations), 'destination')}, "
            f"{counted(len(mappings), 'mapping')}: no mistake"
        )
    return 2 if mistakes else 0


def _warehouse_mistakes(project: Project) -> Iterator[str]:
    """Compare the declarations with the tables and columns that there really are."""
    from segment_assets.declare.columns import check_columns  # noqa: PLC0415 - needs the mapping

    columns: dict[str, tuple[Column, ...]] = {}
    for spec in project.warehouses:
        yield from _describe_models(spec, columns)
    told: set[str] = set()
    for _destination, mapping in all_mappings(project):
        if mapping.source not in columns:
            continue
        home = warehouse_of(project, mapping)
        for mistake in check_columns(mapping, columns[mapping.source]):
            if mistake in told:
                continue
            told.add(mistake)
            # A primary key is the warehouse's, which no position of the mapping tells.
            is_of_model = mistake.startswith(f"{mapping.source}: ")
            yield f"{home.position}: {mistake}" if is_of_model else mistake


def _describe_models(spec: WarehouseSpec, columns: dict[str, tuple[Column, ...]]) -> Iterator[str]:
    """Fill in the columns of each model that can be read; yield a mistake for each other one."""
    told: set[str] = set()
    for model in spec.models:
        try:
            columns[model.key] = open_warehouse(spec).describe(model)
        except SegmentAssetsError as error:  # a file that isn't there is told once, not per model
            if str(error) not in told:
                told.add(str(error))
                yield f"{spec.position}: {error}"


@click.command()
def schema() -> None:
    """Print the JSON Schema of the YAML, for editors."""
    from segment_assets.declare.schema import json_schema  # noqa: PLC0415 - only here

    print_json(json_schema())


@click.command("test-mapping")
@click.argument("name")
@click.option(
    "--limit", default=5, show_default=True, type=click.IntRange(1, 10_000), help="Rows at most."
)
@click.option("--row", "key", help="Only the rows with this primary key.")
@_JSON
@click.pass_context
def test_mapping(
    context: click.Context,
    name: str,
    limit: int,
    key: str | None,
    as_json: bool,  # noqa: FBT001 - click passes flags by name
) -> int:
    """Map and check real rows and print the calls. Validates, never sends.

    NAME is destination/mapping, or the mapping alone where that is unique. Exit code 1 where a
    row is rejected, or where no row has the key of --row.
    """
    from segment_assets.trial import try_mapping  # noqa: PLC0415 - slow

    project = open_project(context)
    _destination, mapping = choose_mapping(project, name)
    warehouse = open_warehouse(warehouse_of(project, mapping))
    results = try_mapping(mapping.sync, warehouse, limit=limit, key=key)
    if as_json:
        print_json(results)
    else:
        _print_results(mapping.sync.full_name, results, key)
    is_missing = key is not None and not results
    return int(is_missing or any("rejected" in result for result in results))


def _print_results(name: str, results: list[dict[str, Any]], key: str | None) -> None:
    if not results:
        what = "no row" if key is None else f"no row with the primary key {key}"
        console.print(f"{name}: the model has {escape(what)}")
    for result in results:
        console.print(f"[bold]record {escape(result['record_id'])}[/]")
        if "call" in result:
            console.print_json(json.dumps(result["call"]))
        elif "not_selected" in result:
            console.print("  not selected by the trigger")
        for broken in result.get("rejected", ()):
            console.print(f"  [red]{broken['code']}[/]: {escape(broken['message'])}")
        for warning in result["warnings"]:
            console.print(f"  [yellow]warning {warning['code']}[/]: {escape(warning['message'])}")
    console.print("Nothing was sent.")
