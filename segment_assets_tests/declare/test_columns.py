"""What a model's real columns tell about a mapping, and what a mapping is in words."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from segment_assets.declare.build import build_destination
from segment_assets.declare.columns import check_columns, check_key
from segment_assets.declare.spec import MappingSpec, Position
from segment_assets.declare.words import describe_mapping
from segment_assets.handoff import Column, Model

COLUMNS = tuple(Column(name, "VARCHAR") for name in ("id", "Email", "plan", "event", "a.b"))


CUSTOMERS = "production/customers"


def mapping_of(*, primary_key: str = "id", **attributes: Any) -> MappingSpec:
    """Build one mapping of shop/customers."""
    mapping = {"name": "customers", "source": "shop/customers", "action": "identify",
               "fields": {"user_id": "$.id"}, **attributes}  # fmt: skip
    model = Model("shop/customers", primary_key, table="customers")
    destination = build_destination(
        {"name": "production", "write_key_env": "KEY", "mappings": [mapping]},
        models={model.key: model},
        locate=lambda path: Position("defs.yaml", len(path)),
    )
    return destination.mappings[0]


def told_of(spec: MappingSpec) -> list[str]:
    """Return what is told of a mapping against `COLUMNS`."""
    return [str(mistake) for mistake in check_columns(spec, COLUMNS)]


def test_known_columns_are_no_mistake() -> None:
    """Columns, columns below properties, odd names and the envelope's own are fine."""
    fields = {"user_id": "$.id", "traits": {"plan": "$.properties.plan", "odd": {"@column": "a.b"},
              "all": "$.properties", "key": "$.__segment_id"}}  # fmt: skip

    assert check_columns(mapping_of(fields=fields, trigger='event = "new"'), COLUMNS) == []


def test_unknown_columns_are_told_with_the_nearest() -> None:
    """A column that isn't there is told with its field, its line and the nearest name."""
    spec = mapping_of(
        fields={"user_id": "$.id", "traits": {"email": "$.email", "x": "$.zzz"}},
        trigger='properties.paln = "pro"',
    )

    assert told_of(spec) == [
        (
            f"defs.yaml:5: {CUSTOMERS}: fields.traits.email: reads the column 'email', which "
            "shop/customers doesn't have; did you mean 'Email'?; correct the name, or add the "
            "column to the model"
        ),
        (
            f"defs.yaml:5: {CUSTOMERS}: fields.traits.x: reads the column 'zzz', which "
            "shop/customers doesn't have; its columns: id, Email, plan, event, a.b; correct the "
            "name, or add the column to the model"
        ),
        (
            f"defs.yaml:3: {CUSTOMERS}: trigger: reads the column 'paln', which shop/customers "
            "doesn't have; did you mean 'plan'?; correct the name, or add the column to the model"
        ),
    ]


def test_an_envelope_name_asks_for_properties() -> None:
    """`$.event` is the diff class: where the model has such a column, the path is asked for."""
    spec = mapping_of(
        fields={"user_id": "$.id", "traits": {"last": "$.event"}}, trigger='event = "Signed Up"'
    )

    told = "reads $.event, which is the event's own event, while shop/customers has a column of "
    told += "that name; write $.properties.event for the column"
    assert told_of(spec) == [
        f"defs.yaml:5: {CUSTOMERS}: fields.traits.last: {told}",
        (
            f"defs.yaml:3: {CUSTOMERS}: trigger: reads event, which is the event's own event, "
            "while shop/customers has a column of that name; write properties.event for the column"
        ),
    ]


def test_a_primary_key_has_to_be_a_column() -> None:
    """A primary key that is no column is told for its model, at its own line."""
    spec = mapping_of(primary_key="idd")
    mistakes = check_key(spec.sync.model, COLUMNS, lambda path: Position("shop.yaml", len(path)))

    assert check_key(mapping_of().sync.model, COLUMNS) == []
    assert [str(mistake) for mistake in mistakes] == [
        (
            "shop.yaml:3: shop/customers: primary_key: the primary key 'idd' is no column; did "
            "you mean 'id'?; "
            "correct primary_key of this model"
        )
    ]


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        (
            {"schedule": {"every": "1h"}, "enabled": True},
            (
                "Sends an identify call for each record of shop/customers that was added or "
                "updated, every hour."
            ),
        ),
        (
            {"when": ["added"], "trigger": 'plan = "pro"'},
            (
                "Sends an identify call for each record of shop/customers that was added and "
                'matches `plan = "pro"`, when it is started by hand.'
            ),
        ),
        (
            {
                "when": ["added", "updated", "deleted"],
                "action": "page",
                "fields": {"user_id": "$.__segment_id"},
                "schedule": {"every": "1d", "timezone": "Europe/Oslo"},
            },
            (
                "Sends a page call for each record of shop/customers that was added, updated or "
                "deleted, every day (Europe/Oslo) once it is enabled."
            ),
        ),
    ],
)
def test_a_mapping_in_words(attributes: dict[str, Any], words: str) -> None:
    """The description says what is sent, for which records, and when."""
    assert describe_mapping(mapping_of(**attributes)) == words


def test_reading_declarations_loads_nothing_heavy() -> None:
    """Loading stays light: no dagster, pandas, pandera, duckdb, pyarrow or httpx."""
    code = (
        "import sys, segment_assets.declare.schema, segment_assets.declare.columns; "
        "print([m for m in ('dagster','pandas','pandera','duckdb','httpx','pyarrow','liquid') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          cwd=Path(__file__).parent)  # fmt: skip

    assert done.stdout.strip() == "[]"
