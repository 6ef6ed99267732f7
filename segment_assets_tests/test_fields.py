"""The field table: complete, consistent, light, and right in the documents made from it."""

import subprocess
import sys
from typing import Any

import jsonschema
import pytest

from segment_assets.declare.field_docs import field_table_markdown, fields_json_schema
from segment_assets.fields import ACTIONS, ALWAYS_SENT, FIELDS, fields_of

COMMON = {
    "user_id", "timestamp", "application", "campaign_parameters", "device", "ip_address", "locale",
    "location", "network", "operating_system", "page", "screen", "user_agent", "timezone",
    "message_id", "consent",
}  # fmt: skip
#: The fields of each action beside the common ones, as Segment's destination has them.
EXTRA = {
    "page": {"anonymous_id", "group_id", "page_name", "page_category", "properties"},
    "screen": {"anonymous_id", "group_id", "screen_name", "properties"},
    "track": {"anonymous_id", "group_id", "event_name", "properties", "traits"},
    "identify": {"anonymous_id", "group_id", "traits", "address"},
    "group": {"anonymous_id", "group_id", "traits"},
    "alias": {"previous_id"},
}
SUB_FIELDS = {
    "application": "name version build namespace",
    "campaign_parameters": "name source medium term content",
    "device": "id advertising_id adTracking_Enabled manufacturer model name type token",
    "location": "city country latitude longitude speed",
    "network": "bluetooth carrier cellular wifi",
    "operating_system": "name version",
    "page": "path referrer search title url",
    "screen": "density height width",
    "address": "street city state country postalCode",
}


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_has_exactly_its_fields(action: Any) -> None:
    """Each action has the fields of Segment's destination, and alias its own."""
    assert set(fields_of(action)) == {*COMMON, *EXTRA[action]}


def test_closed_objects_have_exactly_their_sub_fields() -> None:
    """Each closed object has Segment's sub-fields; open objects have none."""
    found = {field.key: " ".join(sub.key for sub in field.sub_fields) for field in FIELDS}

    assert {key: subs for key, subs in found.items() if subs} == SUB_FIELDS
    assert {field.key for field in FIELDS if field.is_open} == {"properties", "traits", "consent"}


def test_required_hidden_and_own_fields_are_marked() -> None:
    """What an action needs, what is hidden with its default, and what Segment lacks is data."""
    required = {(a, field.key) for field in FIELDS for a in field.required_by}

    assert required == {
        ("track", "event_name"), ("group", "group_id"),
        ("alias", "user_id"), ("alias", "previous_id"),
    }  # fmt: skip
    assert {f.key: f.default for f in FIELDS if f.is_hidden} == {
        "message_id": "$.messageId", "consent": None,
    }  # fmt: skip
    assert [f.key for f in FIELDS if f.is_own] == ["previous_id"]


@pytest.mark.parametrize(
    ("action", "key", "paths"),
    [
        ("group", "group_id", ("groupId",)),
        ("track", "group_id", ("context.groupId",)),
        ("track", "traits", ("context.traits.*",)),
        ("identify", "traits", ("traits.*",)),
        ("identify", "address", ("traits.address",)),
        ("page", "page_name", ("name", "properties.name")),
        ("page", "page", ("context.page", "properties.*")),
        ("screen", "page", ("context.page",)),
        ("screen", "timezone", ("context.timezone",)),
        ("alias", "previous_id", ("previousId",)),
    ],
)
def test_wire_paths_differ_by_action_where_the_api_wants_it(
    action: Any, key: Any, paths: Any
) -> None:
    """A field knows where it goes in each action's call."""
    assert fields_of(action)[key].wire[action] == paths


def test_each_field_has_a_path_in_each_of_its_actions() -> None:
    """No field can be mapped and then vanish; what is always sent is known for each action."""
    for field in FIELDS:
        assert set(field.wire) == set(field.actions)
        assert all(field.wire.values())
        assert field.label
        assert field.description.endswith((".", "?"))
    assert set(ALWAYS_SENT) == set(ACTIONS)


def test_the_device_goes_out_in_the_spelling_of_the_spec() -> None:
    """Two keys of the device differ from their field keys; all other sub-fields are alike."""
    odd = {s.key: s.wire for f in FIELDS for s in f.sub_fields if s.key != s.wire}

    assert odd == {
        "advertising_id": "advertisingId", "adTracking_Enabled": "adTrackingEnabled",
    }  # fmt: skip


def test_the_markdown_table_shows_every_field_and_sub_field() -> None:
    """The README's table has one row per field and sub-field, with required actions in bold."""
    table = field_table_markdown()
    rows = table.strip().splitlines()[2:]

    assert len(rows) == len(FIELDS) + sum(len(field.sub_fields) for field in FIELDS)
    assert "| `group_id` | id | page, screen, track, identify, **group** | " in table
    assert "`context.groupId`; group: `groupId`" in table
    assert "`context.device.advertisingId`" in table


@pytest.mark.parametrize("action", ACTIONS)
def test_the_json_schema_is_valid_and_names_every_field(action: Any) -> None:
    """The schema of an action obeys its own standard and describes each field."""
    schema = fields_json_schema(action)

    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == set(fields_of(action))
    assert all(field["description"] for field in schema["properties"].values())


GOOD = {
    "paths": {"user_id": "$.id", "traits": {"plan": "$.plan", "n": 1, "deep": {"a": ["$.b"]}}},
    "directives": {
        "user_id": {"@path": "$.id", "_metadata": {"x": 1}},
        "traits": {"@merge": {"objects": []}},
    },
    "whole objects": {
        "anonymous_id": 7, "address": "$.address", "device": {"id": {"@column": "a b"}},
    },
}  # fmt: skip
BAD = {
    "unknown field": {"user_id": "$.id", "userid": "$.id"},
    "unknown sub-field": {"user_id": "$.id", "device": {"identifier": "$.d"}},
    "no id": {"traits": {}},
    "two directives": {"user_id": {"@path": "$.id", "@template": "x"}},
    "directive among keys": {"user_id": "$.id", "traits": {"@path": "$.t", "a": 1}},
    "list as id": {"user_id": ["$.id"]},
}


@pytest.mark.parametrize("fields", GOOD.values(), ids=GOOD)
def test_the_json_schema_takes_what_a_mapping_may_hold(fields: Any) -> None:
    """Literals, paths, directives and nested objects pass."""
    jsonschema.validate(fields, fields_json_schema("identify"))


@pytest.mark.parametrize("fields", BAD.values(), ids=BAD)
def test_the_json_schema_refuses_what_a_mapping_may_not_hold(fields: Any) -> None:
    """Unknown keys, mixed directives and missing ids are marked by an editor."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(fields, fields_json_schema("identify"))


def test_the_table_loads_without_frames() -> None:
    """Definitions read the field table, so importing it must not load pandas or pandera."""
    code = (
        "import sys, segment_assets.declare.field_docs; "
        "print([m for m in ('pandas', 'pandera', 'pyarrow', 'dagster') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
