"""The values of one typed field, a whole column at a time.

A column whose values are all text (or null) costs a few passes in C; only a column that holds
anything else is looked at value by value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Final

from segment_assets.contract import scalar
from segment_assets.contract.findings import FAULTED, NOTHING, Findings, Note, has_bad_text
from segment_assets.contract.timestamp import as_sent
from segment_assets.handoff import MISSING

Kind = str
_TEXTS: Final[frozenset[type]] = frozenset({str, NoneType, type(MISSING)})
_BOOLEANS: Final[frozenset[type]] = frozenset({bool, NoneType, type(MISSING)})
_EPOCH_HINT: Final = (
    "an epoch number is not guessed at: turn it into a timestamp in the model's SQL"
)


@dataclass(slots=True)
class Column:
    """One field or sub-field of all rows. `values` holds what is sent; None is "not sent"."""

    path: str
    kind: Kind
    values: list[Any]
    findings: Findings = field(default_factory=Findings)


def read_column(values: Sequence[Any], path: str, kind: Kind, *, is_nested: bool = False) -> Column:
    """Coerce one column. `kind`: id, name, message_id, text, number, boolean or timestamp.

    Empty text is "not sent", except in the text of a closed object (`is_nested`). An id or a
    name of white space alone is "not sent" too. `values` is never changed.
    """
    types = set(map(type, values))
    texts = _plain_texts(values, types)
    column = Column(path, kind, [])
    if texts is not None and kind == "timestamp":
        ready = as_sent([t or None for t in texts])
        if ready is not None:
            column.values = ready
            return column
    elif texts is not None and kind not in {"number", "boolean"}:
        keeps_empty = is_nested or "" not in texts
        column.values = texts if keeps_empty else [t or None for t in texts]
        return _without_blanks(column)
    elif kind == "boolean" and types <= _BOOLEANS:
        column.values = [v if v.__class__ is bool else None for v in values]
        return column
    _read_each(values, column, is_nested=is_nested)
    return _without_blanks(column)


def _plain_texts(values: Sequence[Any], types: set[type]) -> list[str | None] | None:
    """Return the column as text and None if that is all it is, with no bad character."""
    if types == {int}:
        return list(map(str, values)) if _are_short(values) else None
    if not types <= _TEXTS:
        return None
    texts = list(values) if types == {str} else [v if v.__class__ is str else None for v in values]
    return None if has_bad_text("".join(filter(None, texts))) else texts


def _are_short(numbers: Sequence[int]) -> bool:
    """Say whether the integers are of 64 bits, as all but odd ones are."""
    return min(numbers) >= -(2**63) and max(numbers) < 2**64


def _read_each(values: Sequence[Any], column: Column, *, is_nested: bool) -> None:
    form_of = _form_of(column.kind)
    keeps_empty = is_nested and column.kind == "text"
    out = column.values
    for row, value in enumerate(values):
        if type(value) in NOTHING or (value.__class__ is str and not value and not keeps_empty):
            out.append(None)
            continue
        form, bits = form_of(value)
        if bits:
            column.findings.add(row, bits, _note(column, value, bits))
        out.append(form)


def _note(column: Column, value: Any, bits: int) -> Note:
    if bits & FAULTED and isinstance(value, list | tuple):
        value = value[0]
    is_epoch = column.kind == "timestamp" and not isinstance(value, str | bool | list | dict)
    return Note(column.path, value, _EPOCH_HINT if is_epoch else "")


def _form_of(kind: Kind) -> Callable[[Any], scalar.Form]:
    if kind in {"id", "message_id"}:
        return lambda value: scalar.text_form(value, is_id=True)
    forms: dict[Kind, Callable[[Any], scalar.Form]] = {
        "number": scalar.number_form,
        "boolean": scalar.boolean_form,
        "timestamp": scalar.timestamp_form,
    }
    return forms.get(kind, scalar.text_form)


def _without_blanks(column: Column) -> Column:
    """Leave out ids and names that are nothing but white space; a message id of "" as well."""
    if column.kind in {"id", "name"}:
        if any(map(is_blank, filter(_is_text, column.values))):
            column.values = [None if v is None or is_blank(v) else v for v in column.values]
    elif column.kind == "message_id" and "" in column.values:
        column.values = [v or None for v in column.values]
    return column


def is_blank(text: str) -> bool:
    """Say whether a text has nothing but white space (as Unicode or JavaScript sees it)."""
    return not text.strip().strip("\ufeff").strip()


def _is_text(value: Any) -> bool:
    return value is not None
