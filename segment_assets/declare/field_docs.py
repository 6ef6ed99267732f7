"""What people and editors read of the field table: the README's table and the JSON Schema."""

from typing import Any

from segment_assets.fields import ACTIONS, FIELDS, Field, SubField, fields_of
from segment_assets.handoff import Action

_HEADER = (
    "| Field | Type | Actions (**required**) | JSON path | Description |\n|---|---|---|---|---|\n"
)
_SCALAR: dict[str, Any] = {
    "description": "A text that starts with `$.` is a path into the row; all else is a literal.",
    "type": ["string", "number", "boolean", "null"],
}
_DIRECTIVE: dict[str, Any] = {
    "description": "One directive, such as `@path`, `@column`, `@template`, `@if` or `@literal`.",
    "type": "object",
    "patternProperties": {"^@": {}},
    "properties": {"_metadata": {}},
    "additionalProperties": False,
    "minProperties": 1,
    "if": {"required": ["_metadata"]},
    "then": {"minProperties": 2, "maxProperties": 2},
    "else": {"maxProperties": 1},
}


def field_table_markdown() -> str:
    """Return the table of all fields and sub-fields as Markdown, ending in a newline."""
    lines = []
    for field in FIELDS:
        lines.append(_row(f"`{field.key}`", _type_words(field), _actions(field), _paths(field),
                          field.description + _mark(field)))  # fmt: skip
        lines.extend(
            _row(f"`{field.key}.{sub.key}`", sub.type, "", _sub_path(field, sub), sub.description)
            for sub in field.sub_fields
        )
    return _HEADER + "".join(lines)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _type_words(field: Field) -> str:
    return "object, any key" if field.is_open else field.type


def _actions(field: Field) -> str:
    if not field.required_by and field.actions == ACTIONS:
        return "all"
    return ", ".join(f"**{a}**" if a in field.required_by else a for a in field.actions)


def _paths(field: Field) -> str:
    """Join the paths; where an action differs from the first one, say which it is."""
    usual = field.wire[field.actions[0]]
    odd = {action: paths for action, paths in field.wire.items() if paths != usual}
    if len(odd) == 1 or not odd:
        words = [_code(usual), *(f"{action}: {_code(paths)}" for action, paths in odd.items())]
        return "; ".join(words)
    rest = next(iter(odd.values()))
    return f"{_code(rest)}; {field.actions[0]}: {_code(usual)}"


def _code(paths: tuple[str, ...]) -> str:
    return ", ".join(f"`{path}`" for path in paths)


def _sub_path(field: Field, sub: SubField) -> str:
    return _code((f"{field.wire[field.actions[-1]][0]}.{sub.wire}",))


def _mark(field: Field) -> str:
    notes = []
    if field.is_hidden:
        notes.append(f"default `{field.default}`" if field.default else "optional extra")
    if field.is_own:
        notes.append("not in Segment's destination")
    return f" ({'; '.join(notes)})" if notes else ""


def fields_json_schema(action: Action) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the `fields:` object of one action's mapping.

    Each field takes a scalar, a `$.` path or a directive; object fields also take an object of
    their sub-fields. Raises `KeyError` for an unknown action.
    """
    fields = fields_of(action)
    schema: dict[str, Any] = {
        "type": "object",
        "description": f"What each field of a {action} call is made of.",
        "properties": {key: _field_schema(field) for key, field in fields.items()},
        "additionalProperties": False,
    }
    required = [key for key, field in fields.items() if action in field.required_by]
    if required:
        schema["required"] = required
    if "anonymous_id" in fields:
        schema["anyOf"] = [{"required": ["user_id"]}, {"required": ["anonymous_id"]}]
    return schema


def _field_schema(field: Field) -> dict[str, Any]:
    title = {"title": field.label, "description": field.description}
    if field.type != "object":
        return {**title, "anyOf": [_SCALAR, _DIRECTIVE]}
    return {**title, "anyOf": [_SCALAR, _DIRECTIVE, _object_schema(field)]}


def _object_schema(field: Field) -> dict[str, Any]:
    if field.is_open:
        return {"type": "object", "propertyNames": {"not": {"pattern": "^@"}}}
    return {
        "type": "object",
        "properties": {
            sub.key: {
                "title": sub.label,
                "description": sub.description,
                "anyOf": [_SCALAR, _DIRECTIVE],
            }
            for sub in field.sub_fields
        },
        "additionalProperties": False,
    }
