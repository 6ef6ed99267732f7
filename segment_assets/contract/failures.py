"""A frame against a schema -> which rows fail which check, read from pandera's masks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa_schema
import pyarrow as pa
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaError, SchemaErrors

from segment_assets.contract.coercion import MappedField
from segment_assets.contract.schema import has_text_rule, marks_name, path_of, required_keys
from segment_assets.errors import SegmentAssetsError
from segment_assets.fields import fields_of
from segment_assets.handoff import Action


@dataclass(frozen=True, slots=True)
class Failure:
    """One check that some rows fail. `path` is None for a check of several fields."""

    code: str
    path: str | None
    rows: tuple[int, ...]


def build_frame(action: Action, mapped: Iterable[MappedField], length: int) -> pd.DataFrame:
    """Lay out what the schema rules on, Arrow-backed: default pandas would turn ids to floats.

    A column in which coercion found nothing is left out, unless its presence is a rule: so a
    chunk of clean rows costs no more than the rules on ids.
    """
    arrays: dict[str, pa.Array] = {}
    fields = fields_of(action)
    for key in required_keys(action):
        if has_text_rule(fields[key]):
            arrays[key] = pa.nulls(length, pa.string())
        arrays[marks_name(key)] = pa.array(np.zeros(length, dtype=np.int16))
    for item in mapped:
        if has_text_rule(item.field):
            arrays[item.field.key] = pa.array(item.values, pa.string())
        for column in item.columns:
            if column.findings.marks:
                arrays[marks_name(column.path)] = column.findings.column(length)
    series = {
        name: pd.Series(array, dtype=pd.ArrowDtype(array.type)) for name, array in arrays.items()
    }
    return pd.DataFrame(series, index=pd.RangeIndex(length), copy=False)


def find_failures(schema: pa_schema.DataFrameSchema, frame: pd.DataFrame) -> list[Failure]:
    """Check a frame and return every failing check. Raises if a check could not be made."""
    if frame.empty:
        return []
    try:
        # The environment can turn pandera off for a whole process; the contract is never off.
        with config_context(
            validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA
        ):
            schema.validate(frame, lazy=True, inplace=True)
    except SchemaErrors as errors:
        return [_failure(error) for error in errors.schema_errors]
    return []


def _failure(error: SchemaError) -> Failure:
    mask: Any = error.check_output
    if not isinstance(error.check, pa_schema.Check) or not isinstance(mask, pd.Series):
        raise SegmentAssetsError(
            f"the contract could not be checked, so nothing was accepted or rejected: {error}. "
            "This is a fault of segment_assets, or of a pandera version that it isn't tested with."
        )
    rows = mask.index[~mask.to_numpy(dtype=bool, na_value=True)]
    is_column = isinstance(error.schema, pa_schema.Column)
    path = path_of(str(error.schema.name)) if is_column else None
    return Failure(str(error.check.name), path, tuple(rows.tolist()))
