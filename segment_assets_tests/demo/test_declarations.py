"""The sample declarations: complete, readable by any YAML parser, and written where asked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

import segment_assets
from segment_assets.declare.build import load_project
from segment_assets.demo.declarations import _set_line, write_declarations
from segment_assets.demo.shop import PLANTED, make_shop
from segment_assets.errors import DeclarationError
from segment_assets.fields import FIELDS, fields_of

DEFS = Path(segment_assets.__file__).parent / "defs"
DATABASE_LINE, ENDPOINT_LINE = "../../../.segment_assets/demo/shop.duckdb", "# endpoint:"


def read(folder: Path, name: str) -> dict[str, Any]:
    """Return the attributes of one declaration."""
    (document,) = yaml.safe_load_all((folder / name / "defs.yaml").read_text(encoding="utf-8"))
    attributes: dict[str, Any] = document["attributes"]
    return attributes


def mappings() -> list[dict[str, Any]]:
    """Return the sample's mappings as written."""
    found: list[dict[str, Any]] = read(DEFS, "production")["mappings"]
    return found


def directives(value: Any) -> Iterator[str]:
    """Yield each directive of a field's value, and `$.` for the shorthand."""
    if isinstance(value, dict):
        yield from (key for key in value if key.startswith("@"))
        for child in value.values():
            yield from directives(child)
    elif isinstance(value, list):
        for child in value:
            yield from directives(child)
    elif isinstance(value, str) and value.startswith("$."):
        yield "$."


def test_one_mapping_per_action() -> None:
    """There are five mappings, one for each action of Segment's destination."""
    assert sorted(mapping["action"] for mapping in mappings()) == [
        "group", "identify", "page", "screen", "track",
    ]  # fmt: skip
    assert {mapping["name"] for mapping in mappings()} == set(PLANTED)


def test_every_field_is_used() -> None:
    """Together the mappings use every field and every sub-field of the five actions."""
    used = set()
    for mapping in mappings():
        for key, value in mapping["fields"].items():
            assert key in fields_of(mapping["action"])
            used.add(key)
            used |= {f"{key}.{sub}" for sub in value} if isinstance(value, dict) else set()

    wanted = set()
    for field in FIELDS:
        if not field.is_own:
            wanted |= {field.key, *(f"{field.key}.{sub.key}" for sub in field.sub_fields)}
    assert wanted - used == set()


def test_the_mapping_language_is_shown() -> None:
    """The sample shows each form of value that its head explains."""
    shown = {found for mapping in mappings() for found in directives(mapping["fields"])}

    assert shown == {"$.", "@path", "@template", "@if", "@literal", "@column"}


def test_nothing_runs_by_itself() -> None:
    """No sample mapping is enabled; all four kinds of schedule are shown."""
    assert not any(mapping.get("enabled", False) for mapping in mappings())
    schedules = [mapping["schedule"] for mapping in mappings() if "schedule" in mapping]
    assert {key for schedule in schedules for key in schedule} >= {"every", "cron", "after", "days"}


def test_models_read_the_shop(tmp_path: Path) -> None:
    """Each mapping's model is declared, and its table or query runs on the sample shop."""
    make_shop(tmp_path / "shop.duckdb")
    models = {model["key"]: model for model in read(DEFS, "shop")["models"]}

    assert [mapping["source"] for mapping in mappings()] == list(models)
    with duckdb.connect(tmp_path / "shop.duckdb", read_only=True) as connection:
        for model in models.values():
            relation = model.get("table") or f"({model['query']})"
            key = model["primary_key"]
            assert connection.execute(f'select "{key}" from {relation} limit 1').fetchall()


def test_the_app_loads_its_own_declarations(tmp_path: Path) -> None:
    """The loader finds no mistake in the packaged files, and reads the written ones alike."""
    database = tmp_path / "shop.duckdb"
    write_declarations(tmp_path / "defs", endpoint="http://127.0.0.1:4321", database=database)

    packaged, written = load_project(DEFS), load_project(tmp_path / "defs")

    assert packaged.warehouses[0].database == DEFS.parents[1] / ".segment_assets/demo/shop.duckdb"
    assert written.warehouses[0].database == database
    assert written.warehouses[0].models == packaged.warehouses[0].models
    assert written.destinations[0].endpoint == "http://127.0.0.1:4321"
    assert written.destinations[0].mappings == packaged.destinations[0].mappings


@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:4321"])
def test_written_files_differ_in_two_lines_only(tmp_path: Path, endpoint: str | None) -> None:
    """Database and endpoint are put in; all else, comments too, is what is packaged."""
    database = tmp_path / 'odd "næm" \\1 😀.duckdb'

    write_declarations(tmp_path / "defs", endpoint=endpoint, database=database)

    assert read(tmp_path / "defs", "shop")["database"] == str(database)
    assert read(tmp_path / "defs", "production").get("endpoint") == endpoint
    for name, line in (("shop", DATABASE_LINE), ("production", ENDPOINT_LINE)):
        packaged = (DEFS / name / "defs.yaml").read_text(encoding="utf-8").splitlines()
        written = (tmp_path / "defs" / name / "defs.yaml").read_text(encoding="utf-8").splitlines()
        pairs = zip(packaged, written, strict=True)
        assert all(line in before for before, after in pairs if before != after)


def test_a_relative_database_is_written_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The declaration means the same file whatever folder it is read from."""
    monkeypatch.chdir(tmp_path)

    write_declarations(tmp_path / "defs", endpoint=None, database=Path("shop.duckdb"))

    assert read(tmp_path / "defs", "shop")["database"] == str(tmp_path / "shop.duckdb")


@pytest.mark.parametrize("text", ["attributes: {}\n", "  database: a\n  # database: b\n"])
def test_an_edited_sample_is_named(text: str) -> None:
    """Where the line to fill in is gone or there twice, the error says which."""
    with pytest.raises(DeclarationError, match="lines `database:`"):
        _set_line(text, "database", "shop.duckdb")
