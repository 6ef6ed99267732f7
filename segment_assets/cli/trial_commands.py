"""`test-mapping`: real rows, what the mapping makes of them, and what the next plan would do."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import click
from rich.markup import escape

from segment_assets.cli.project import choose_mapping, open_project, print_json, warehouse_of
from segment_assets.cli.render import console
from segment_assets.warehouse import open_warehouse

#: Columns of a terminal; longer values are cut, and whole with --json.
_WIDTH: Final = 80
_WIDEST_NAME: Final = 40


@click.command("test-mapping")
@click.argument("name")
@click.option(
    "--limit", default=5, show_default=True, type=click.IntRange(1, 10_000), help="Rows at most."
)
@click.option("--row", "key", help="Only the rows with this primary key.")
@click.option("--mask", "is_masked", is_flag=True, help="Hide personal values, as plans do.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")
@click.pass_context
def test_mapping(  # noqa: PLR0917 - click passes options by name
    context: click.Context,
    name: str,
    limit: int,
    key: str | None,
    is_masked: bool,  # noqa: FBT001 - click passes flags by name
    as_json: bool,  # noqa: FBT001 - click passes flags by name
) -> int:
    """Map and check real rows and print the calls. Validates, never sends.

    For each row: the event that the mapping sees, the fields it makes of it, the exact call or why
    there is none, and what the next plan would do with the record. Values are shown as they are,
    since nothing is kept; --mask hides personal ones for a screen that others see.

    NAME is destination/mapping, or the mapping alone where that is unique. Exit code 1 where a
    row is rejected, or where no row has the key of --row.
    """
    from segment_assets.trial import try_mapping  # noqa: PLC0415 - slow

    project = open_project(context)
    _destination, mapping = choose_mapping(project, name)
    warehouse = open_warehouse(warehouse_of(project, mapping))
    mask = mapping.mask if is_masked else ()
    results = try_mapping(mapping.sync, warehouse, limit=limit, key=key, mask=mask)
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
        console.print(f"[bold]record {escape(result['record_id'] or '(no key)')}[/]")
        expected = result["next_plan"]
        console.print(f"  next plan: {expected['op']}\n    {escape(expected['reason'])}")
        envelope = dict(result["envelope"])
        columns = envelope.pop("properties")
        _print_values("sees", {**envelope, **{f"properties.{k}": v for k, v in columns.items()}})
        _print_values("fields", dict(_flat("", result["fields"])))
        _print_outcome(result)
    console.print("Nothing was sent.")


def _print_outcome(result: Mapping[str, Any]) -> None:
    if "call" in result:
        console.print("  call")
        console.print_json(json.dumps(result["call"]))
    elif "not_selected" in result:
        console.print("  not selected by the trigger")
    for broken in result.get("rejected", ()):
        console.print(f"  [red]{broken['code']}[/]: {escape(broken['message'])}")
        console.print(f"    {escape(broken['remedy'])}")
    for warning in result["warnings"]:
        console.print(f"  [yellow]warning {warning['code']}[/]: {escape(warning['message'])}")


def _flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield (dotted path, value) of what an object holds at its ends."""
    if isinstance(value, dict) and (value or not path):
        for name, inner in value.items():
            yield from _flat(f"{path}.{name}" if path else name, inner)
    else:
        yield path, value


def _print_values(title: str, values: Mapping[str, Any]) -> None:
    """Print one line per value: names in a column, values as JSON, cut to the width."""
    console.print(f"  {title}")
    widest = min(max(map(len, values), default=0), _WIDEST_NAME)
    for name, value in values.items():
        text = json.dumps(value, ensure_ascii=False, default=str)
        line = f"    {name:<{widest}}  {text}"
        shown = line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
        console.print(escape(shown), soft_wrap=True)
