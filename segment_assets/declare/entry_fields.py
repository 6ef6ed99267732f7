"""The `fields` of one mapping: known keys, shapes, what is required, and the mapping language."""

from collections.abc import Mapping as Object
from dataclasses import dataclass
from typing import Any, Final

from segment_assets.declare.mistakes import PathTuple, hint, shown
from segment_assets.declare.section import Section
from segment_assets.errors import MappingError
from segment_assets.fields import FIELDS, Field, fields_of
from segment_assets.handoff import Action, Model
from segment_assets.mapping import Mapping, from_user_form

#: One value for every record would make all users one, or all calls one.
_NEVER_CONSTANT: Final = ("user_id", "anonymous_id", "previous_id", "message_id")
_MESSAGE_ID: Final = {"@path": "$.messageId"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of the mapping around its fields."""

    action: Action | None
    when: frozenset[str]
    model: Model | None


def read_fields(section: Section, entry: Entry) -> dict[str, Any] | None:
    """Return the fields in mapping-kit form; None where they have a mistake."""
    before = len(section.mistakes.found)
    if entry.action is not None:
        known = fields_of(entry.action)
        _check_keys(section, known, entry.action)
        _check_required(section, known, entry.action)
        for key, value in section.values.items():
            if key in known:
                _check_value(section, known[key], value)
    if not all(_has_text_keys(value) for value in (section.values, *section.values.values())):
        return None
    fields, problems = from_user_form(dict(section.values))
    fields = {"message_id": dict(_MESSAGE_ID), **fields}
    try:
        mapping = Mapping.parse(fields)
    except MappingError as error:
        problems = [*problems, *error.problems]
    for path, problem in dict.fromkeys(problems):
        section.mistakes.add((*section.path, *_path_of(path)), problem)
    if len(section.mistakes.found) > before or entry.action is None:
        return None
    if "deleted" in entry.when:
        _check_deleted(section, mapping, entry)
    return fields if len(section.mistakes.found) == before else None


def _has_text_keys(value: Any) -> bool:
    """Say whether all keys are text. Only Python users, or another YAML reader, can fail this."""
    if isinstance(value, Object):
        return all(isinstance(key, str) and _has_text_keys(item) for key, item in value.items())
    return not isinstance(value, list | tuple) or all(_has_text_keys(item) for item in value)


def _path_of(slash_path: str) -> PathTuple:
    """Split a slash path into keys; a list's index may stay text, positions take both."""
    return tuple(part for part in slash_path.split("/") if part)


def _check_keys(section: Section, known: Object[str, Field], action: Action) -> None:
    for key in section.values:
        if key in known:
            continue
        if not isinstance(key, str):
            section.note(str(key), f"found {shown(key)} as a key; keys are text; put it in quotes")
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
    elif isinstance(value, Object) and not _is_directive(value):
        if field.type != "object":
            told = "found an object; a path, a directive or a value is allowed"
            section.note(key, f"{told}; write {key}: $.<column>")
        elif field.sub_fields:
            _check_sub_fields(section, field, value)
    elif field.type == "object" and not _is_reading(value):
        section.note(key, f"found {shown(value)}; an object is allowed; write {{name: $.<column>}}")
    elif key in _NEVER_CONSTANT and not _is_reading(value):
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
        if not isinstance(key, str) or key not in names:
            near = hint(key, names)
            told = f"is not a part of {field.key}{near}"
            inner.note(str(key), f"{told}; allowed: {', '.join(names)}; correct or remove it")
        elif isinstance(item, Object) and not _is_directive(item):
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
        for key, item in {} if _is_directive(value) else value.items():
            _check_braces(section, (*path, key), item)
    elif isinstance(value, list | tuple):
        for at, item in enumerate(value):
            _check_braces(section, (*path, at), item)


def _is_directive(value: Any) -> bool:
    return isinstance(value, Object) and any(
        isinstance(key, str) and key.startswith("@") for key in value
    )


def _is_reading(value: Any) -> bool:
    """Say whether a value is made per record: a path or a directive."""
    return _is_directive(value) or (isinstance(value, str) and value.startswith("$."))


def _check_deleted(section: Section, mapping: Mapping, entry: Entry) -> None:
    """Check the ids of deleted records: only `$.__segment_id` tells who one was."""
    ids = [key for key in ("user_id", "anonymous_id") if key in section.values]
    wanted = [ids] if entry.action != "group" else [ids, ["group_id"]]
    for keys in wanted:
        if any(mapping.reads_segment_id(key) or _is_constant(section.values[key]) for key in keys):
            continue
        key = keys[0]
        path = section.values[key]
        old = path if isinstance(path, str) else "$.<column>"
        mended = f"{key}: {{'@if': {{exists: {old}, then: {old}, else: $.__segment_id}}}}"
        told = "reads only columns, which are null in a deleted record; with `when: deleted`"
        section.note(key, f"{told} an id has to reach $.__segment_id; write {mended}")


def _is_constant(value: Any) -> bool:
    return (isinstance(value, Object) and "@literal" in value) or not _is_reading(value)
