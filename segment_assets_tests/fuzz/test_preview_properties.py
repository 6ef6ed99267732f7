"""What holds for any rows in hand: purity, order, and JSON that any parser takes."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from segment_assets.errors import MappingError
from segment_assets.preview import preview
from segment_assets.wire import encode_call
from segment_assets_tests.fuzz.random_mapping import RandomMapping

_SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.decimals(allow_nan=True) | st.dates() | st.datetimes() | st.uuids() | st.timedeltas()
    | st.binary(max_size=3)
    | st.sampled_from([
        "\ud800", "a\0b", 2**64, Decimal("1E+3"), "NaN", "user-1", float("inf"),
        dt.datetime.max.replace(tzinfo=dt.UTC), dt.datetime.min.replace(tzinfo=dt.UTC),
    ])
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
_NAMES = (
    "id", "uid", "big", "amount", "score", "flag", "txt", "at", "tz", "day", "key_uuid", "doc",
    "items", "obj", "pairs", "bytes", "either", "odd name", "properties", "event",
)  # fmt: skip
ROWS = st.lists(
    st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=12).map(
        lambda row: {"uid": "u1", **row}
    ),
    min_size=1,
    max_size=6,
)


def strictly(told: dict[str, Any]) -> bytes | list[str]:
    """Return a call's bytes, proved by a strict parser, or the codes of a rejected row."""
    if "rejected" in told:
        return [violation["code"] for violation in told["rejected"]]
    payload = encode_call(told["call"])

    def refuse(name: str) -> Any:
        raise ValueError(name)

    json.loads(payload.decode("utf-8"), parse_constant=refuse)
    return payload


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**9), rows=ROWS)
def test_a_row_gives_the_same_call_wherever_it_stands(
    seed: int, rows: list[dict[str, Any]]
) -> None:
    """Any mapping, any rows, in two orders: equal bytes, strict JSON, and inputs left alone."""
    made = RandomMapping(seed)
    before = repr(rows), repr(made.fields)
    try:
        shown = preview(made.action, made.fields, rows)
    except MappingError:
        return
    turned = preview(made.action, made.fields, rows[::-1])

    assert [strictly(told) for told in shown] == [strictly(told) for told in turned[::-1]]
    assert (repr(rows), repr(made.fields)) == before
