"""`check`, `schema` and `test-mapping`: before anything is sent."""

import click
from rich.markup import escape

from segment_assets.cli.project import (
    choose_mappings,
    defs_folder,
    open_project,
    print_json,
    warehouse_of,
)
from segment_assets.cli.render import console
from segment_assets.declare.spec import Project
from segment_assets.errors import DeclarationError, ModelError, SegmentAssetsError
from segment_assets.warehouse import open_warehouse

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")


@click.command()
@_JSON
@click.pass_context
def check(context: click.Context, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Report every mistake in the declarations, with file, line and what is allowed."""
    folder = defs_folder(context.find_root().obj)
    mistakes: list[str] = []
    project = Project((), ())
    try:
        project = open_project(context)
    except DeclarationError as error:
        mistakes = list(error.mistakes)
    else:
        mistakes = _column_mistakes(project)
    mappings = [m.sync.full_name for d in project.destinations for m in d.mappings]
    if as_json:
        print_json({"folder": str(folder), "mistakes": mistakes, "mappings": mappings})
    elif mistakes:
        for mistake in mistakes:
            click.echo(mistake)
        click.echo(f"{len(mistakes)} mistake{'s' if len(mistakes) != 1 else ''} in {folder}")
    else:
        models = sum(len(warehouse.models) for warehouse in project.warehouses)
        console.print(
            f"{folder}: {models} models, {len(project.destinations)} destinations, "
            f"{len(mappings)} mappings: no mistake"
        )
    return 2 if mistakes else 0


def _column_mistakes(project: Project) -> list[str]:
    """Compare mappings with the columns that embedded models really have."""
    from segment_assets.declare.columns import check_columns  # noqa: PLC0415 - needs the mapping

    mistakes = []
    for _destination, mapping in choose_mappings(project, None, every=True):
        spec = warehouse_of(project, mapping)
        try:
            columns = open_warehouse(spec).describe(mapping.sync.model)
        except ModelError as error:
            mistakes.append(f"{mapping.position or spec.position}: {mapping.sync.full_name}: {error}")
        except SegmentAssetsError as error:
            mistakes.append(f"{spec.position}: {spec.name}: {error}")
        else:
            mistakes.extend(check_columns(mapping, columns))
    return list(dict.fromkeys(mistakes))


@click.command()
def schema() -> None:
    """Print the JSON Schema of the YAML, for editors."""
    from segment_assets.declare.schema import json_schema  # noqa: PLC0415 - only here

    print_json(json_schema())


@click.command("test-mapping")
@click.argument("name")
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 10_000))
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
    """Map and check real rows and print the calls. Validates, never sends."""
    from segment_assets.trial import try_mapping  # noqa: PLC0415 - slow

    project = open_project(context)
    [(_destination, mapping)] = choose_mappings(project, name, every=False)
    warehouse = open_warehouse(warehouse_of(project, mapping))
    results = try_mapping(mapping.sync, warehouse, limit=limit, key=key)
    if as_json:
        print_json(results)
    else:
        _print_results(mapping.sync.full_name, results)
    return int(any("rejected" in result for result in results))


def _print_results(name: str, results: list[dict[str, object]]) -> None:
    import json  # noqa: PLC0415 - only here

    if not results:
        console.print(f"{name}: the model has no such row")
    for result in results:
        console.print(f"[bold]record {escape(str(result['record_id']))}[/]")
        if "call" in result:
            console.print_json(json.dumps(result["call"]))
        elif "not_selected" in result:
            console.print("  not selected by the trigger")
        else:
            for broken in result["rejected"]:  # type: ignore[attr-defined]  # a list, see trial.py
                console.print(f"  [red]{broken['code']}[/]: {escape(broken['message'])}")
    console.print("Nothing was sent.")
