"""What a plan's rows and ids depend on: the columns a mapping reads, and the mapping's hash."""

import hashlib
import json
from collections.abc import Iterable, Sequence

from segment_assets.errors import ModelError
from segment_assets.handoff import Column, SyncSpec
from segment_assets.wire import ENCODER_VERSION


def mapping_hash(spec: SyncSpec) -> str:
    """Return 16 hexadecimal digits that change when equal rows could give another body."""
    facts = {
        "action": spec.action,
        "fields": spec.fields,
        "trigger": spec.trigger,
        "integrations": spec.integrations,
        "timezone": spec.model.timezone,
        "allow_placeholder_ids": spec.allow_placeholder_ids,
        "encoder": ENCODER_VERSION,
    }
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def choose_columns(
    names: Iterable[str] | None, columns: Sequence[Column], spec: SyncSpec
) -> tuple[Column, ...]:
    """Return the named columns in the model's order; None = all.

    Raises `ModelError` (code `unknown_column`) naming every column that the model doesn't have.
    """
    if names is None:
        return tuple(columns)
    wanted = set(names)
    unknown = sorted(wanted - {column.name for column in columns})
    if unknown:
        have = ", ".join(column.name for column in columns)
        raise ModelError(
            f"{spec.full_name}: unknown_column: the mapping reads {', '.join(unknown)}, "
            f"which model {spec.model.key} doesn't have. It has: {have}. "
            "Correct the name in the mapping, or add the column to the model",
            code="unknown_column",
        )
    return tuple(column for column in columns if column.name in wanted)


def key_column(spec: SyncSpec, columns: Sequence[Column]) -> Column:
    """Return the model's primary key column. Raises `ModelError` (code `unknown_column`)."""
    for column in columns:
        if column.name == spec.model.primary_key:
            return column
    have = ", ".join(column.name for column in columns)
    raise ModelError(
        f"{spec.full_name}: unknown_column: primary_key {spec.model.primary_key!r} is no column "
        f"of model {spec.model.key}. It has: {have}",
        code="unknown_column",
    )
