"""How failing checks are read: a check that could not be made is never a pass."""

import pandas as pd
import pytest

from segment_assets.contract.coercion import read_fields
from segment_assets.contract.failures import build_frame, find_failures
from segment_assets.contract.schema import build_schema
from segment_assets.errors import SegmentAssetsError
from segment_assets.fields import ACTIONS, fields_of

SCHEMA = build_schema("identify", allow_placeholder_ids=False)


def read_frame(length: int = 3) -> pd.DataFrame:
    """Return the frame of a few identify rows, the last one without an id."""
    mapped = read_fields(fields_of("identify"), {"user_id": ["u", "nan", None][:length]})
    return build_frame("identify", mapped, length)


def test_rows_are_read_from_the_masks() -> None:
    """Each failing check names its code, its field and its rows."""
    failures = find_failures(SCHEMA, read_frame())

    assert {(f.code, f.path, f.rows) for f in failures} == {
        ("placeholder_id", "user_id", (1,)),
        ("missing_id", None, (2,)),
    }


@pytest.mark.parametrize(
    "broken",
    [
        read_frame().drop(columns=["user_id"]),
        read_frame().assign(anonymous_id=[1, 2, 3]),
        read_frame().assign(stray="x"),
    ],
    ids=["missing column", "wrong type", "stray column"],
)
def test_a_check_without_a_mask_stops_the_run(broken: pd.DataFrame) -> None:
    """A frame that can't be checked is a fault of the package, not of a row: nothing passes."""
    with pytest.raises(SegmentAssetsError, match="could not be checked"):
        find_failures(SCHEMA, broken)


def test_frames_are_arrow_backed() -> None:
    """Default pandas would turn a nullable 64-bit id into a float."""
    assert all(isinstance(dtype, pd.ArrowDtype) for dtype in read_frame().dtypes)


@pytest.mark.parametrize("action", ACTIONS)
def test_the_schema_rules_on_every_field_and_sub_field(action: str) -> None:
    """No field of the table is left without a rule."""
    known = set(build_schema(action, allow_placeholder_ids=True).columns)  # type: ignore[arg-type] # parametrized values are plain text
    paths = {
        path
        for key, field in fields_of(action).items()  # type: ignore[arg-type] # same
        for path in (key, *(f"{key}.{sub.key}" for sub in field.sub_fields))
    }

    assert {f"{path} (found)" for path in paths} <= known
