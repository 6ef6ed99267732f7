"""The JSON Schema for editors is right by its own standard, and agrees with the reader."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from segment_assets.declare.schema import json_schema
from segment_assets.declare.yaml_reader import read_file

CASES = Path(__file__).parent / "cases"


def documents_of(file: Path) -> list[dict[str, Any]]:
    """Return the documents of a file as an editor sees them."""
    return [
        {"type": document.type, "attributes": document.attributes}
        for document in read_file(file).documents
    ]


def test_the_schema_is_a_schema() -> None:
    """The schema holds to the 2020-12 metaschema."""
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("case", sorted((CASES / "valid").glob("*.yaml")), ids=lambda p: p.stem)
def test_valid_documents_are_valid(case: Path) -> None:
    """What the reader takes, the schema takes."""
    validator = Draft202012Validator(json_schema())

    for document in documents_of(case):
        assert [error.message for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("action", "identfy"),
        ("schedule", {"every": "5m"}),
        ("gates", {"max_calls": -1}),
        ("fields", {"user_id": "$.id", "event_name": "x"}),
        ("fields", {"user_id": "$.id", "device": {"modle": "$.x"}}),
        ("fields", {"traits": {}}),
        ("schedle", {"every": "1h"}),
    ],
)
def test_a_slip_is_marked(key: str, value: object) -> None:
    """An editor marks unknown names and values that aren't allowed."""
    mapping = {"name": "a", "source": "b", "action": "identify", "fields": {"user_id": "$.id"}}
    attributes = {"name": "p", "write_key_env": "KEY", "mappings": [{**mapping, key: value}]}
    document = {"type": "segment_assets.SegmentDestination", "attributes": attributes}

    assert not Draft202012Validator(json_schema()).is_valid(document)


def test_every_attribute_is_described() -> None:
    """Each attribute and field tells in the editor what it is for."""
    schema = json_schema()
    bare = [
        f"{name}.{key}"
        for name, part in schema["$defs"].items()
        for key, attribute in part["properties"].items()
        if "description" not in attribute and "$ref" not in attribute
    ]

    assert bare == ["mapping.fields"]
