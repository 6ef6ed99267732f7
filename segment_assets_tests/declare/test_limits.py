"""Limits of a project: mappings per destination, the length of a query, and how fast it loads."""

import time
from pathlib import Path

import pytest

from segment_assets.declare.build import load_project
from segment_assets.declare.query import one_statement
from segment_assets.errors import DeclarationError

WAREHOUSE = """\
type: segment_assets.Warehouse
attributes:
  name: shop
  engine: duckdb
  database: shop.duckdb
  models: [{key: shop/customers, table: customers, primary_key: id}]
"""
DESTINATION = """\
type: segment_assets.SegmentDestination
attributes:
  name: %s
  write_key_env: SEGMENT_WRITE_KEY
  mappings:
"""
MAPPING = """\
    - name: mapping_%d
      source: shop/customers
      action: identify
      when: [added, updated]
      trigger: properties.plan != "internal"
      schedule: {every: 1h}
      gates: {max_rejected_percent: 5, max_calls: 100000}
      fields:
        user_id: $.customer_id
        timestamp: $.updated_at
        traits:
          email: {"@case": {operator: lower, value: {"@path": $.email}}}
          plan: $.plan
          full_name: {"@template": "{{first_name}} {{last_name}}"}
          source: warehouse
        device: {id: $.device_id, type: ios}
        consent: {categoryPreferences: {Advertising: $.ads_opt_in}}
"""


def write_project(folder: Path, destinations: int, mappings: int) -> None:
    """Write a project of one warehouse and so many destinations, each with so many mappings."""
    (folder / "shop.yaml").write_text(WAREHOUSE)
    for number in range(destinations):
        text = DESTINATION % f"destination_{number}"
        text += "".join(MAPPING % at for at in range(mappings))
        (folder / f"destination_{number}.yaml").write_text(text)


def test_fifty_mappings_are_the_most(tmp_path: Path) -> None:
    """A destination takes 50 mappings; the 51st is a mistake that says what to do."""
    write_project(tmp_path, 1, 50)
    assert len(load_project(tmp_path).destinations[0].mappings) == 50
    write_project(tmp_path, 1, 51)

    with pytest.raises(DeclarationError) as caught:
        load_project(tmp_path)

    (told,) = caught.value.mistakes
    line = 5 + 50 * len(MAPPING.splitlines()) + 1
    assert told == (
        f"{tmp_path}/destination_0.yaml:{line}: destination_0/mapping_50: found 51 mappings; at "
        "most 50 are allowed, as at Segment; move the rest to a second destination of the same "
        "write_key_env"
    )


def test_five_hundred_mappings_load_in_a_second(tmp_path: Path) -> None:
    """Ten files of 50 mappings load in less than a second of this process's own time."""
    write_project(tmp_path, 10, 50)

    begun = time.process_time()
    project = load_project(tmp_path)
    seconds = time.process_time() - begun

    assert sum(len(destination.mappings) for destination in project.destinations) == 500
    assert seconds < 1.0


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("select 1", ""),
        ("select ';' as a; -- done", ""),
        ("-- first; second\nwith a as (select 1) select * from a;\n", ""),
        ('select "a;b" from t where x = $$;$$', ""),
        ("select 1; select 2", "more than one statement"),
        ("select 'it''s; fine' from t; drop table t", "more than one statement"),
        ("  ;", "no statement"),
        ("update t set a = 1", "doesn't read"),
        ("select '" + "x" * 65_527 + "'", "65,536 characters"),
        ("select '" + "x" * 65_526 + "'", ""),
    ],
    ids=lambda value: value[:24],
)
def test_a_query_is_one_statement(query: str, problem: str) -> None:
    """One reading statement of up to 65,535 characters is allowed; literals may hold anything."""
    statement, found = one_statement(query)

    assert problem in found
    assert bool(found) == bool(problem)
    assert not statement.rstrip().endswith(";") or found


def test_no_folder_and_empty_folder(tmp_path: Path) -> None:
    """A folder that isn't there is told; an empty one is an empty project."""
    assert load_project(tmp_path).destinations == ()
    with pytest.raises(DeclarationError, match="is no folder"):
        load_project(tmp_path / "nowhere")


def test_files_that_are_no_text(tmp_path: Path) -> None:
    """Bytes that are no UTF-8, and control characters, are told with their line."""
    (tmp_path / "a.yaml").write_bytes(b"type: x\nname: \xff\xfe\n")
    (tmp_path / "b.yml").write_bytes(b"type: x\nname: \x01\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "c.yaml").write_bytes(b"{")

    with pytest.raises(DeclarationError) as caught:
        load_project(tmp_path)

    first, second = caught.value.mistakes
    assert "a.yaml:1: this file is not UTF-8 text (byte 15)" in first
    assert "b.yml:2: this file is not valid YAML" in second
