"""The `fields` of one mapping: known keys, shapes, what is required, and the mapping language."""

from collections.abc import Mapping as Object
from dataclasses import dataclass
from typing import Any, Final

from segment_assets.declare.deleted import check_deleted
from segment_assets.declare.form import is_directive, is_reading
from segment_assets.declare.mistakes import PathTuple, hint, shown
from segment_assets.declare.section import Section
from segment_assets.errors import MappingError
from segment_assets.fields import FIELDS, Field, fields_of
from segment_assets.handoff import Action
from segment_assets.mapping import Mapping, from_user_form

#: One value for every record would make all users one, or all calls one.
_NEVER_CONSTANT: Final = ("user_id", "anonymous_id", "previous_id", "message_id")
_MESSAGE_ID: Final = {"@path": "$.messageId"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of the mapping around its fields."""

    action: Action | None
    when: frozenset[str]


def read_fields(section: Section, entry: Entry) -> dict[str, Any] | None:
    """Return the fields in mapping-kit form, without those that can't be parsed.

    None where not even their keys can be read.
    """
    before = len(section.mistakes.found)
    _check_text_keys(section, (), section.values)
    if len(section.mistakes.found) > before:
        return None
    if entry.action is not None:
        known = fields_of(entry.action)
        _check_keys(section, known, entry.action)
        _check_required(section, known, entry.action)
        for key, value in section.values.items():
            if key in known:
                _check_value(section, known[key], value)
    fields, problems = from_user_form(dict(section.values))
    fields = {"message_id": dict(_MESSAGE_ID), **fields}
    try:
        mapping = Mapping.parse(fields)
    except MappingError as error:
        problems = [*problems, *error.problems]
    for path, problem in dict.fromkeys(problems):
        section.mistakes.add((*section.path, *_path_of(path)), problem)
    if problems:
        return _without(fields, {_path_of(path) for path, _ in problems})
    is_good = len(section.mistakes.found) == before
    if is_good and entry.action is not None and "deleted" in entry.when:
        check_deleted(section, mapping, entry.action)
    return fields


def _without(fields: dict[str, Any], broken: set[PathTuple]) -> dict[str, Any]:
    """Return the fields without the values that have a problem, whole directives at least."""
    kept: dict[str, Any] = {}
    for key, value in fields.items():
        inside = {path[1:] for path in broken if path[:1] == (key,)}
        is_plain = isinstance(value, dict) and not is_directive(value)
        if is_plain and inside and () not in inside:
            kept[key] = _without(value, inside)
        elif not inside:
            kept[key] = value
    return kept


def _check_text_keys(section: Section, path: PathTuple, value: Any) -> None:
    """Refuse keys that are no text: Python users and other YAML readers can give such."""
    if isinstance(value, Object):
        for key, item in value.items():
            if not isinstance(key, str):
                told = f"found {shown(key)} as a key; keys are text; put it in quotes"
                section.mistakes.add((*section.path, *path, str(key)), told)
            else:
                _check_text_keys(section, (*path, key), item)
    elif isinstance(value, list | tuple):
        for at, item in enumerate(value):
            _check_text_keys(section, (*path, at), item)


def _path_of(slash_path: str) -> PathTuple:
    """Split a slash path into keys; a list's index may stay text, positions take both."""
    return tuple(part for part in slash_path.split("/") if part)


def _check_keys(section: Section, known: Object[str, Field], action: Action) -> None:
    for key in section.values:
        if key in known:
            continue
        others = next((field.actions for field in FIELDS if field.key == key), ())
        near = hint(key, known)
        if others:
            told = f"is a field of {', '.join(others)}, not of {action}"
            section.note(key, f"{told}{near}; remove it, or change the action")
            continue
        names = ", ".join(known)
        section.note(
            key, f"is not a field of {action}{near}; allowed: {names}; correct or remove it"
        )


def _check_required(section: Section, known: Object[str, Field], action: Action) -> None:
    for key, field in known.items():
        if action in field.required_by and section.values.get(key) is None:
            section.note(key, f"is missing; {action} requires it; write {key}: $.<column>")
    if "anonymous_id" not in known:
        return
    if section.values.get("user_id") is None and section.values.get("anonymous_id") is None:
        told = f"is missing, and so is anonymous_id; {action} requires one of them"
        section.note("user_id", f"{told}; write user_id: $.<column>")


def _check_value(section: Section, field: Field, value: Any) -> None:
    """Check a field's shape, as far as it can be seen before there are rows."""
    key = field.key
    if value is None:
        if key in section.values and not field.required_by:
            section.note(key, "found nothing; a path or a value is allowed; write it or remove it")
    elif isinstance(value, Object) and not is_directive(value):
        if field.type != "object":
            told = "found an object; a path, a directive or a value is allowed"
            section.note(key, f"{told}; write {key}: $.<column>")
        elif field.sub_fields:
            _check_sub_fields(section, field, value)
    elif field.type == "object" and not is_reading(value):
        section.note(key, f"found {shown(value)}; an object is allowed; write {{name: $.<column>}}")
    elif key in _NEVER_CONSTANT and not is_reading(value):
        told = f"found {shown(value)}, which is one value for every record"
        told += f"; a column is allowed; write {_suggest_path(value)}"
        section.note(key, f"{told}, or {{'@literal': ...}} if that is meant")
    _check_braces(section, (key,), value)


def _suggest_path(value: Any) -> str:
    is_column = isinstance(value, str) and value.isidentifier() and shown(value) == f"'{value}'"
    return f"$.{value}" if is_column else "$.<column>"


def _check_sub_fields(section: Section, field: Field, value: Object[Any, Any]) -> None:
    names = [sub.key for sub in field.sub_fields]
    inner = Section(value, section.at(field.key), section.mistakes)
    for key, item in value.items():
        if key not in names:
            near = hint(key, names)
            told = f"is not a part of {field.key}{near}"
            inner.note(key, f"{told}; allowed: {', '.join(names)}; correct or remove it")
        elif isinstance(item, Object) and not is_directive(item):
            inner.note(key, "found an object; a path, a directive or a value is allowed")


def _check_braces(section: Section, path: PathTuple, value: Any) -> None:
    """Refuse a plain text with {{...}}: it would be sent as it stands, braces and all."""
    if isinstance(value, str):
        if "{{" in value and "}}" in value:
            told = (
                "found text with {{...}}, which is sent as it stands, braces and all; a template "
            )
            told += f"is allowed as {{'@template': {shown(value)}}}; write that, or "
            told += "{'@literal': ...} if the braces are meant"
            section.mistakes.add((*section.path, *path), told)
    elif isinstance(value, Object):
        for key, item in {} if is_directive(value) else value.items():
            _check_braces(section, (*path, key), item)
    elif isinstance(value, list | tuple):
        for at, item in enumerate(value):
            _check_braces(section, (*path, at), item)
