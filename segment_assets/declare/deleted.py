"""`when: deleted`: a deleted record has its columns null and its key in `$.__segment_id`."""

from segment_assets.declare.form import is_column, is_constant
from segment_assets.declare.section import Section
from segment_assets.fields import fields_of
from segment_assets.handoff import Action
from segment_assets.mapping import Mapping


def check_deleted(section: Section, mapping: Mapping, action: Action) -> None:
    """Check the ids of deleted records: only `$.__segment_id` tells who one was."""
    either: list[str] = [key for key in ("user_id", "anonymous_id") if key in section.values]
    known = fields_of(action)
    alone: list[list[str]] = [[key] for key in ("group_id", "previous_id")
             if key in known and action in known[key].required_by]  # fmt: skip
    for keys in [either, *alone]:
        if any(mapping.reads_segment_id(key) or is_constant(section.values[key]) for key in keys):
            continue
        told = "reads only columns, which are null in a deleted record; with `when: deleted`"
        told += " an id has to reach $.__segment_id; write "
        section.note(keys[0], told + _mended(section, keys[0], "$.__segment_id"))
    if action == "track" and is_column(section.values["event_name"]):
        told = "reads only a column, which is null in a deleted record; with `when: deleted`"
        told += " a name that is always there is allowed; write one, or "
        section.note("event_name", told + _mended(section, "event_name", "Record Deleted"))


def _mended(section: Section, key: str, otherwise: str) -> str:
    """Return the `@if` that takes what is written where it has a value, else something else."""
    written = section.values[key]
    old = written if isinstance(written, str) else "$.<column>"
    return f"{key}: {{'@if': {{exists: {old}, then: {old}, else: {otherwise}}}}}"
