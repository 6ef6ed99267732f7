"""The mapped fields of an action, column by column, in the forms that are sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segment_assets.contract.column import Column, read_column
from segment_assets.contract.findings import INVALID_CONSENT, Note
from segment_assets.contract.open_object import object_misfit, read_objects
from segment_assets.fields import Field, SubField
from segment_assets.handoff import MISSING


@dataclass(frozen=True, slots=True)
class MappedField:
    """One mapped field: what is sent per row (None is "not sent"), and what was found where.

    `columns` are the field's own column and those of its sub-fields.
    """

    field: Field
    values: list[Any]
    columns: tuple[Column, ...]


def kind_of(field: Field) -> str:
    """Return how a field's values are read; see `read_column` and `read_objects`."""
    special = {"message_id": "message_id", "consent": "consent", "event_name": "name"}
    return special.get(field.key, field.type)


def read_fields(
    fields: Mapping[str, Field], mapped: Mapping[str, Sequence[Any]]
) -> list[MappedField]:
    """Coerce all mapped fields, in the order of the field table; unknown keys are left out."""
    return [_read_field(field, mapped[key]) for key, field in fields.items() if mapped.get(key)]


def _read_field(field: Field, values: Sequence[Any]) -> MappedField:
    if field.is_open:
        column = read_objects(values, field.key, kind_of(field))
        if field.key == "consent":
            _read_consent(column)
        return MappedField(field, column.values, (column,))
    if field.sub_fields:
        return _read_closed(field, values)
    column = read_column(values, field.key, kind_of(field))
    return MappedField(field, column.values, (column,))


def _read_closed(field: Field, values: Sequence[Any]) -> MappedField:
    """Read a closed object by sub-field. Keys that it doesn't have are dropped, as at Segment."""
    own = Column(field.key, "object", [])
    sources: list[dict[Any, Any]] = []
    objects: list[dict[str, Any] | None] = []
    for row, value in enumerate(values):
        is_object = isinstance(value, dict)
        sources.append(value if is_object else {})
        objects.append({} if is_object else None)
        bits, hint = (0, "") if is_object else object_misfit(value)
        if bits:
            own.findings.add(row, bits, Note(field.key, value, hint))
    keys = set().union(*sources)
    columns = [
        _read_sub_field(field, sub, sources, objects) for sub in field.sub_fields if sub.key in keys
    ]
    return MappedField(field, objects, (own, *columns))


def _read_sub_field(
    field: Field,
    sub: SubField,
    sources: list[dict[Any, Any]],
    objects: list[dict[str, Any] | None],
) -> Column:
    cells = [source.get(sub.key, MISSING) for source in sources]
    column = read_column(cells, f"{field.key}.{sub.key}", sub.type, is_nested=True)
    name = sub.wire
    for target, cell in zip(objects, column.values, strict=True):
        if cell is not None and target is not None:
            target[name] = cell
    return column


def _read_consent(column: Column) -> None:
    """Turn null categories into a plain no, and mark consent that isn't clearly yes or no.

    A consent that says neither must never be sent as if it said nothing: that would lose an
    opt-out.
    """
    for row, consent in enumerate(column.values):
        if consent is None:
            continue
        choices = consent.get("categoryPreferences")
        if not isinstance(choices, dict):
            note = Note("consent.categoryPreferences", choices)
            column.findings.add(row, INVALID_CONSENT, note)
            continue
        plain = {name: False if choice is None else choice for name, choice in choices.items()}
        for name, choice in plain.items():
            if not isinstance(choice, bool):
                note = Note(f"consent.categoryPreferences.{name}", choice)
                column.findings.add(row, INVALID_CONSENT, note)
        column.values[row] = {**consent, "categoryPreferences": plain}
