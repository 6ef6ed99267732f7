"""The mapping as a table and as lineage: columns, directive, field, and place in the call."""

from typing import Any

import dagster as dg
import pytest

from segment_assets.declare.build import build_destination
from segment_assets.handoff import Model
from segment_assets.orchestration.describe import mapping_metadata

_MODEL = Model("shop/customers", "key_column", table="customers")


def _metadata(action: str, fields: dict[str, Any]) -> dict[str, Any]:
    mapping = {"name": "m", "source": _MODEL.key, "action": action, "fields": fields}
    attributes = {"name": "production", "write_key_env": "KEY", "mappings": [mapping]}
    destination = build_destination(attributes, models={_MODEL.key: _MODEL})
    return mapping_metadata(destination.mappings[0])


def _table(metadata: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    rows = [record.data for record in metadata["mapping"].records]
    return {
        str(row["field"]): (str(row["columns"]), str(row["directive"]), str(row["json_path"]))
        for row in rows
    }


def _lineage(metadata: dict[str, Any]) -> dict[str, list[str]]:
    lineage: dg.TableColumnLineage = metadata["dagster/column_lineage"]
    return {
        path: [dep.column_name for dep in deps] for path, deps in lineage.deps_by_column.items()
    }


@pytest.mark.parametrize(
    ("value", "columns", "directive"),
    [
        ("$.c", "c", "path"),
        ("$.properties.c.d", "c", "path"),
        ({"@column": "odd name.with dots"}, "odd name.with dots", "column"),
        ({"@template": "{{a}} of {{properties.b}}"}, "a, b", "template"),
        ({"@if": {"exists": "$.a", "then": "$.b", "else": "none"}}, "a, b", "if"),
        (["x", "$.a", {"@template": "{{b}}"}, {"k": "$.c"}], "a, b, c", "list"),
        ({"@arrayPath": ["$.items", {"sku": "$.sku"}]}, "items", "arrayPath"),
        ({"@case": {"operator": "lower", "value": {"@path": "$.a"}}}, "a", "case"),
        ("x", "", "literal"),
        ("$.properties", "*", "path"),
    ],
    ids=str,
)
def test_each_kind_of_value(value: object, columns: str, directive: str) -> None:
    """A value deep inside an object has its own row: what it reads, how, and where it goes."""
    metadata = _metadata("identify", {"user_id": "$.id", "traits": {"deep": {"er": value}}})

    assert _table(metadata)["traits.deep.er"] == (columns, directive, "traits.deep.er")
    known = [] if columns in {"", "*"} else columns.split(", ")
    assert _lineage(metadata).get("traits.deep.er", []) == known


def test_the_records_key_is_its_column() -> None:
    """`$.__segment_id` is the primary key's column by another name."""
    either = {"@if": {"exists": "$.id", "then": "$.id", "else": "$.__segment_id"}}
    metadata = _metadata("page", {"user_id": either, "anonymous_id": "$.__segment_id"})

    assert _table(metadata)["user_id"] == ("id, key_column", "if", "userId")
    assert _lineage(metadata) == {"userId": ["id", "key_column"], "anonymousId": ["key_column"]}


def test_a_page_goes_to_two_places_and_properties_win() -> None:
    """Page's fields are properties too, unless `properties` writes the same one."""
    page = {"url": {"@template": "https://example.com{{path}}"}, "path": "$.path"}
    metadata = _metadata(
        "page",
        {"properties": {"path": "$.other"}, "user_id": "$.id", "page": page, "page_name": "$.name"},
    )

    assert _table(metadata)["page.path"] == ("path", "path", "context.page.path, properties.path")
    assert _lineage(metadata) == {
        "userId": ["id"], "name": ["name"], "properties.name": ["name"],
        "context.page.url": ["path"], "context.page.path": ["path"],
        "properties.url": ["path"], "properties.path": ["other"],
    }  # fmt: skip


def test_members_of_two_objects_add_up() -> None:
    """A page and properties that are whole objects both fill the call's properties."""
    metadata = _metadata(
        "page", {"user_id": "$.id", "page": "$.page", "properties": {"@json": {
            "mode": "decode", "value": "$.text"}}},
    )  # fmt: skip

    assert _lineage(metadata)["properties.*"] == ["page", "text"]
    assert _lineage(metadata)["context.page"] == ["page"]


def test_the_address_replaces_that_of_the_traits() -> None:
    """An address among the traits goes nowhere where the field `address` is mapped."""
    traits = {"address": {"city": "$.town"}, "plan": "$.plan"}
    alone = _metadata("identify", {"user_id": "$.id", "traits": traits})
    both = _metadata(
        "identify", {"user_id": "$.id", "traits": traits, "address": {"street": "$.street"}}
    )

    assert _lineage(alone)["traits.address.city"] == ["town"]
    assert _table(both)["traits.address.city"] == ("town", "path", "")
    assert _lineage(both) == {
        "userId": ["id"], "traits.plan": ["plan"], "traits.address.street": ["street"],
    }  # fmt: skip


def test_wire_names_of_sub_fields() -> None:
    """Where the call's key differs from the field's, the path says the call's."""
    device = {"advertising_id": "$.ad", "adTracking_Enabled": "$.tracking"}
    consent = {"categoryPreferences": {"Ads": "$.ads"}}
    metadata = _metadata(
        "track",
        {"user_id": "$.id", "event_name": "$.e", "device": device, "consent": consent,
         "group_id": "$.g", "traits": {"x": "$.x"}},
    )  # fmt: skip

    assert {path: names[0] for path, names in _lineage(metadata).items()} == {
        "userId": "id", "event": "e", "context.device.advertisingId": "ad",
        "context.device.adTrackingEnabled": "tracking", "context.groupId": "g",
        "context.consent.categoryPreferences.Ads": "ads", "context.traits.x": "x",
    }  # fmt: skip
