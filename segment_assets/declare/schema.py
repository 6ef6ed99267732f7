"""The JSON Schema of one YAML document, so that editors complete and explain what is written.

It helps while writing; `segment_assets.declare.build` is what decides (names that must be unique,
sources, triggers and directives can't be told in a schema).
"""

from typing import Any, Final

from segment_assets.declare.build import DESTINATION_TYPE, TYPES, WAREHOUSE_TYPE
from segment_assets.declare.destination import MAX_MAPPINGS, REGIONS
from segment_assets.declare.entry import OPS
from segment_assets.declare.field_docs import fields_json_schema
from segment_assets.declare.query import MAX_QUERY_CHARS
from segment_assets.declare.schedule import DAYS, EVERY
from segment_assets.declare.warehouse import ENGINES
from segment_assets.fields import ACTIONS

_NAME_PATTERN: Final = "^[a-z][a-z0-9_]*$"
_KEY_PATTERN: Final = "^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$"
_VARIABLE_PATTERN: Final = "^[A-Z_][A-Z0-9_]*$"

Schema = dict[str, Any]


def json_schema() -> Schema:
    """Return the JSON Schema (2020-12) of one YAML document of either type."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Declarations of segment_assets",
        "type": "object",
        "properties": {
            "type": {
                "description": "What this document declares: a warehouse with its models, or a "
                "Segment source with the mappings that send to it.",
                "enum": list(TYPES),
            },
            "attributes": {"type": "object"},
        },
        "required": ["type", "attributes"],
        "additionalProperties": False,
        "allOf": [
            _for_type(WAREHOUSE_TYPE, "warehouse"),
            _for_type(DESTINATION_TYPE, "destination"),
        ],
        "$defs": {
            "warehouse": _warehouse(),
            "model": _model(),
            "destination": _destination(),
            "mapping": _mapping(),
            "schedule": _schedule(),
            "gates": _gates(),
            **{f"{action}_fields": fields_json_schema(action) for action in ACTIONS},
        },
    }


def _for_type(type_name: str, definition: str) -> Schema:
    return {
        "if": {"properties": {"type": {"const": type_name}}, "required": ["type"]},
        "then": {"properties": {"attributes": {"$ref": f"#/$defs/{definition}"}}},
    }


def _object(description: str, properties: Schema, *required: str) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _text(description: str, pattern: str | None = None) -> Schema:
    return {"type": "string", "minLength": 1, "description": description,
            **({"pattern": pattern} if pattern else {})}  # fmt: skip


def _texts(description: str, item: Schema) -> Schema:
    """One text or a list of them."""
    listed = {"type": "array", "items": item, "minItems": 1}
    return {"description": description, "anyOf": [item, listed]}


def _warehouse() -> Schema:
    return _object(
        "A warehouse and the models that are read from it.",
        {
            "name": _text("The warehouse's name, unique in the project.", _NAME_PATTERN),
            "engine": {"enum": list(ENGINES), "description": "The database engine."},
            "database": _text("Path of the DuckDB file, relative to this declaration."),
            "asset_specs": {
                "type": "boolean",
                "default": True,
                "description": "False where this code location itself builds the tables.",
            },
            "models": {
                "type": "array",
                "minItems": 1,
                "items": {"$ref": "#/$defs/model"},
                "description": "Tables and queries whose rows mappings send.",
            },
        },
        *("name", "engine", "database", "models"),
    )


def _model() -> Schema:
    query = _text("One SELECT statement; its rows are the records.")
    schema = _object(
        "A table or query that yields records.",
        {
            "key": _text("The asset key, such as shop/customers; a dbt model has its own key.",
                         _KEY_PATTERN),
            "table": _text("The table's or view's name, such as main.customers."),
            "query": {**query, "maxLength": MAX_QUERY_CHARS},
            "primary_key": _text("The column that is unique and never null."),
            "timezone": _text("IANA time zone of timestamps that have none, such as Europe/Oslo; "
                              "without it they are UTC."),
        },
        *("key", "primary_key"),
    )  # fmt: skip
    schema["oneOf"] = [{"required": ["table"]}, {"required": ["query"]}]
    return schema


def _destination() -> Schema:
    schema = _object(
        "A Segment source, and the mappings that send calls to it.",
        {
            "name": _text("The destination's name, unique in the project.", _NAME_PATTERN),
            "write_key_env": _text(
                "NAME of the environment variable that holds the write key; never the key.",
                _VARIABLE_PATTERN,
            ),
            "region": {
                "enum": list(REGIONS),
                "default": "us",
                "description": "Where the Segment workspace is.",
            },
            "endpoint": _text("URL that replaces the region's host: emulator or proxy.",
                              "^https?://"),
            "endpoint_env": _text("NAME of the environment variable that holds the endpoint.",
                                  _VARIABLE_PATTERN),
            "events_per_second": {
                "type": "number",
                "exclusiveMinimum": 0,
                "description": "The most calls per second; 1000 by default, none for a loopback "
                "endpoint.",
            },
            "allow_placeholder_ids": {
                "type": "boolean",
                "default": False,
                "description": "Send ids such as 'null' and 'nan' instead of rejecting them.",
            },
            "mappings": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_MAPPINGS,
                "items": {"$ref": "#/$defs/mapping"},
                "description": "What is sent, from which model, and when.",
            },
        },
        *("name", "write_key_env", "mappings"),
    )  # fmt: skip
    schema["not"] = {"required": ["endpoint", "endpoint_env"]}
    return schema


def _mapping() -> Schema:
    schema = _object(
        "Records of one model become calls of one action.",
        {
            "name": _text("The mapping's name, unique in its destination.", _NAME_PATTERN),
            "source": _text("Key of the model whose records are sent.", _KEY_PATTERN),
            "action": {"enum": list(ACTIONS), "description": "The call to send."},
            "when": _texts("Which changes send a call; added and updated by default.",
                           {"enum": list(OPS)}),
            "trigger": _text('Condition in Segment\'s FQL, such as properties.plan = "pro".'),
            "schedule": {"$ref": "#/$defs/schedule"},
            "enabled": {
                "type": "boolean",
                "default": False,
                "description": "Whether the schedule runs; as at Segment, not until you say so.",
            },
            "gates": {"$ref": "#/$defs/gates"},
            "fields": {"type": "object"},
            "integrations": {
                "type": "object",
                "description": "Which of Segment's destinations get the calls.",
                "additionalProperties": {"type": ["boolean", "object"]},
            },
            "description": _text("What this is for, in your words."),
            "owners": _texts("team:name or email addresses.", {"type": "string"}),
            "tags": {
                "type": "object",
                "description": "Tags of the assets.",
                "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
            },
            "mask": _texts("Names whose values samples hide.", {"type": "string"}),
        },
        *("name", "source", "action", "fields"),
    )  # fmt: skip
    schema["allOf"] = [
        {
            "if": {"properties": {"action": {"const": action}}, "required": ["action"]},
            "then": {"properties": {"fields": {"$ref": f"#/$defs/{action}_fields"}}},
        }
        for action in ACTIONS
    ]
    return schema


def _schedule() -> Schema:
    zone = _text("IANA time zone, such as Europe/Oslo; UTC by default.")
    schema = _object(
        "When the mapping runs by itself; without it, by hand only.",
        {
            "every": {"enum": list(EVERY), "description": "One of Segment's intervals."},
            "cron": _text("Cron string of five fields."),
            "days": _texts("Weekdays; every day by default.",
                           {"type": "string", "enum": [*DAYS, *(day[:3] for day in DAYS)]}),
            "times": _texts("Times of day, such as '09:30', in quotes.",
                            {"type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$"}),
            "timezone": zone,
            "after": _texts("Asset keys; runs after each of their materialisations.",
                            {"type": "string", "pattern": _KEY_PATTERN}),
        },
    )  # fmt: skip
    schema["oneOf"] = [{"required": [key]} for key in ("every", "cron", "times", "after")]
    schema["dependentRequired"] = {"days": ["times"]}
    return schema


def _gates() -> Schema:
    percent: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 100}
    count: Schema = {"type": ["integer", "null"], "minimum": 0}
    return _object(
        "Limits that block a plan until a person approves it; null is off.",
        {
            "max_rejected_percent": {**percent, "default": 5,
                "description": "Records that the contract rejects, of those planned."},
            "max_deleted_percent": {**percent, "default": 10,
                "description": "Deleted records, of those that were live."},
            "max_changed_percent": {**percent, "default": None,
                "description": "Changed records, of those that were live; not on a first sync."},
            "max_calls": {**count, "default": None, "description": "Calls of one sync."},
            "max_new_users": {**count, "default": None,
                "description": "Users not seen in this calendar month, which Segment bills."},
        },
    )  # fmt: skip
