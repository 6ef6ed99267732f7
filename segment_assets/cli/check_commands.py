"""`check` and `schema`: what is declared, and what may be."""

import click

from segment_assets.cli.project import (
    all_mappings,
    defs_folder,
    print_json,
)
from segment_assets.cli.render import counted

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")


@click.command()
@_JSON
@click.pass_context
def check(context: click.Context, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Report every mistake in the declarations, and what hurts.

    Each with file, line, what was found and what is allowed. The tables and columns that the
    declarations name are looked up in the warehouse; nothing is written and nothing is sent.
    Warnings alone leave the exit code at 0.
    """
    from segment_assets.checkup import check_declarations  # noqa: PLC0415 - needs the mapping

    folder = defs_folder(context.find_root().obj)
    found = check_declarations(folder)
    mappings = [mapping.sync.full_name for _destination, mapping in all_mappings(found.project)]
    if as_json:
        lists = {"mistakes": found.mistakes, "warnings": found.warnings, "mappings": mappings}
        print_json({"folder": str(folder), **lists})
        return 2 if found.mistakes else 0
    for mistake in found.mistakes:
        click.echo(mistake)
    for warning in found.warnings:
        click.echo(f"warning: {warning}")
    warned = f", {counted(len(found.warnings), 'warning')}" if found.warnings else ""
    if found.mistakes:
        click.echo(f"{counted(len(found.mistakes), 'mistake')}{warned} in {folder}")
        return 2
    models = sum(len(warehouse.models) for warehouse in found.project.warehouses)
    click.echo(
        f"{folder}: {counted(models, 'model')}, "
        f"{counted(len(found.project.destinations), 'destination')}, "
        f"{counted(len(mappings), 'mapping')}: no mistake{warned}"
    )
    return 0


@click.command()
def schema() -> None:
    """Print the JSON Schema of the YAML, for editors."""
    from segment_assets.declare.schema import json_schema  # noqa: PLC0415 - only here

    print_json(json_schema())
