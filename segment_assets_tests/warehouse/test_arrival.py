"""Columns and single Python values get the same JSON forms; times mean what their zone says."""

# ruff: noqa: DTZ001 - timestamps without a zone are what half of these tests are about

import json
import math
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import IntEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment_assets.handoff import Fault
from segment_assets.warehouse.arrival import column_to_json, value_to_json

OSLO = ZoneInfo("Europe/Oslo")
NEW_YORK = ZoneInfo("America/New_York")


class _Plan(IntEnum):
    PRO = 2


VALUES: list[tuple[Any, Any]] = [
    (None, None),
    ("", ""),
    (True, True),
    (2**70, 2**70),
    (34.7, 34.7),
    (math.inf, math.inf),
    (Decimal("1E+3"), Decimal(1000)),
    (Decimal(18014432497758420), 18014432497758420),
    (Decimal("-Infinity"), -math.inf),
    (UUID("01750416-7A83-0000-13C7-6962E03B0D28"), "01750416-7a83-0000-13c7-6962e03b0d28"),
    (b"\xde\xad", b"\xde\xad"),
    (bytearray(b"a"), b"a"),
    (_Plan.PRO, 2),
    (date(1, 1, 1), "0001-01-01"),
    (datetime(1, 1, 1), "0001-01-01T00:00:00.000Z"),
    (datetime(2024, 6, 1, 12, 0, 0, 123999), "2024-06-01T12:00:00.123Z"),
    (datetime(2024, 6, 1, 12, tzinfo=timezone(timedelta(hours=2))), "2024-06-01T10:00:00.000Z"),
    (datetime(2024, 11, 3, 1, 30, tzinfo=NEW_YORK, fold=0), "2024-11-03T05:30:00.000Z"),
    (datetime(2024, 11, 3, 1, 30, tzinfo=NEW_YORK, fold=1), "2024-11-03T06:30:00.000Z"),
    (datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), "1969-12-31T23:59:59.999Z"),
    (time(12, 0, 0, 500000), "12:00:00.5"),
    (time(12, tzinfo=timezone(timedelta(hours=2))), "12:00:00+02:00"),
    (timedelta(days=1, seconds=90, microseconds=500000), "P1DT1M30.5S"),
    (timedelta(seconds=-1), "PT-1S"),
    (timedelta(0), "PT0S"),
    ((1, [None, date(2024, 1, 1)]), [1, [None, "2024-01-01"]]),
    ({1: "a", None: "b", date(2024, 1, 1): 2.0}, {"1": "a", "null": "b", "2024-01-01": 2.0}),
    (MappingProxyType({"a": Decimal("1.5")}), {"a": Decimal("1.5")}),
    (np.int64(3), 3),
    (np.uint64(2**64 - 1), 2**64 - 1),
    (np.float32(0.1), 0.1),
    (np.float64(0.1), 0.1),
    (np.bool_(True), True),  # noqa: FBT003 - numpy's own signature
    (np.str_("a"), "a"),
    (np.datetime64("NaT"), None),
    (np.datetime64("2024-06-01T12:00:00.123456789"), "2024-06-01T12:00:00.123Z"),
    (np.datetime64("2024-06-01"), "2024-06-01"),
    (np.timedelta64(90, "s"), "PT1M30S"),
    (np.array([1, 2]), [1, 2]),
    (np.ma.masked, None),
    (pd.NA, None),
    (pd.NaT, None),
    (pd.Timestamp("2024-06-01 12:00:00.123456789", tz="Europe/Oslo"), "2024-06-01T10:00:00.123Z"),
    (pd.Timestamp("2024-06-01 12:00:00.123456789"), "2024-06-01T12:00:00.123Z"),
    (pd.Timedelta("1 days 00:00:30"), "P1DT30S"),
]


@pytest.mark.parametrize(("value", "expected"), VALUES, ids=[repr(value) for value, _ in VALUES])
def test_python_value_has_its_json_form(value: Any, expected: Any) -> None:
    """A Python value becomes the form of the table, of plain Python types only."""
    found = value_to_json(value)

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({1, 2}, "unserialisable_value"),
        (object(), "unserialisable_value"),
        (1 + 2j, "unserialisable_value"),
        (np.longdouble("0.1"), "unserialisable_value"),
        (pd.Period("2024-01"), "unserialisable_value"),
        ({b"k": 1}, "unserialisable_value"),
        ({1: "a", "1": "b"}, "unserialisable_value"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))), "invalid_timestamp"),
        (np.datetime64("20000-01-01T00:00:00"), "invalid_timestamp"),
        (datetime(2024, 3, 31, 2, 30, tzinfo=OSLO), "nonexistent_time"),
    ],
)
def test_value_without_a_form_is_a_fault(value: Any, code: str) -> None:
    """What JSON can't say is a Fault with a code and a sentence, never an exception."""
    fault = value_to_json(value)

    assert isinstance(fault, Fault)
    assert fault.code == code
    assert fault.message.endswith(".")


def test_value_that_holds_itself_is_a_fault() -> None:
    """A list inside itself ends as a Fault instead of a traceback."""
    endless: list[Any] = []
    endless.append(endless)

    assert value_to_json(endless).code == "unserialisable_value"


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        (datetime(2024, 6, 1, 12), "2024-06-01T10:00:00.000Z"),
        (datetime(2024, 3, 31, 1, 59, 59), "2024-03-31T00:59:59.000Z"),
        (datetime(2024, 3, 31, 3, 0), "2024-03-31T01:00:00.000Z"),
        (datetime(2024, 10, 27, 2, 30), "2024-10-27T00:30:00.000Z"),  # comes twice: the first
        (datetime(2050, 7, 1, 12), "2050-07-01T10:00:00.000Z"),  # beyond the zone file's table
        (datetime(1890, 1, 1, 0, 0), "1889-12-31T23:17:00.000Z"),  # local mean time
        (datetime(9999, 12, 31, 12), "9999-12-31T11:00:00.000Z"),
    ],
)
def test_local_time_of_the_models_zone(local: datetime, expected: str) -> None:
    """A timestamp without zone is local time of the model's zone, in a column as alone."""
    column = pa.array([local, None], pa.timestamp("us"))

    assert column_to_json(column, "TIMESTAMP", "Europe/Oslo") == [expected, None]
    assert value_to_json(local, "Europe/Oslo") == expected


def test_local_time_that_the_zone_skips() -> None:
    """A time between 02:00 and 03:00 on the day the clocks go forward rejects its row only."""
    skipped, fine = datetime(2024, 3, 31, 2, 30), datetime(2024, 3, 31, 4, 0)
    column = pa.array([fine, skipped], pa.timestamp("us"))

    first, second = column_to_json(column, "TIMESTAMP", "Europe/Oslo")

    assert first == "2024-03-31T02:00:00.000Z"
    assert second == value_to_json(skipped, "Europe/Oslo")
    assert second == Fault(
        "nonexistent_time", "2024-03-31 02:30:00 doesn't exist in Europe/Oslo: the clocks skip it."
    )


def test_local_time_whose_utc_is_before_year_one() -> None:
    """The first hour of year 1 east of Greenwich has no UTC text."""
    column = pa.array([datetime(1, 1, 1)], pa.timestamp("us"))

    assert column_to_json(column, "TIMESTAMP", "Asia/Tokyo")[0].code == "invalid_timestamp"


@given(
    local=st.datetimes(),
    zone=st.sampled_from(
        ["Europe/Oslo", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "UTC"]
    ),
    unit=st.sampled_from(["s", "ms", "us"]),
)
@settings(max_examples=300, deadline=None)
def test_column_and_value_agree_on_instants(local: datetime, zone: str, unit: str) -> None:
    """A local time reads the same from a column of any unit as from a Python datetime."""
    column = pa.array([local], pa.timestamp("us")).cast(pa.timestamp(unit), safe=False)
    (local,) = column.cast(pa.timestamp("us")).to_pylist()

    assert column_to_json(column, "TIMESTAMP", zone) == [value_to_json(local, zone)]


PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.uuids(),
    st.decimals(), st.dates(), st.times(), st.timedeltas(),
    st.datetimes(timezones=st.none() | st.timezones()),
)  # fmt: skip
NESTED = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=8,
)


@given(value=NESTED)
@settings(max_examples=300, deadline=None)
def test_every_value_is_json_ready_or_marked(value: Any) -> None:
    """Whatever the value: JSON takes the result once faults, bytes and huge numbers are named."""
    text = json.dumps(value_to_json(value, "Europe/Oslo"), default=_named)

    assert isinstance(text, str)


def _named(value: Any) -> str:
    assert isinstance(value, Fault | bytes | Decimal)
    return type(value).__name__


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9007199254740993", 9007199254740993),
        ("1" * 40, int("1" * 40)),
        ("0.1", 0.1),
        ("0.30000000000000004", 0.30000000000000004),
        ("0.12345678901234567890", Decimal("0.12345678901234567890")),
        ("1e400", Decimal("1e400")),
        ('{"a": [1.10, "é", null]}', {"a": [1.1, "é", None]}),
        ("null", None),
        ("[" * 1_500 + "]" * 1_500, None),
    ],
)
def test_json_is_parsed_exactly(text: str, expected: Any) -> None:
    """No digit is lost: a Decimal stands where no double has the number's digits."""
    (found,) = column_to_json(pa.array([text]), "JSON")

    if text.startswith("[["):
        assert isinstance(found, list | Fault)
    else:
        assert found == expected
        assert type(found) is type(expected)


@given(value=st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("ab1. ,:"), inner),
    max_leaves=10,
))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_json_round_trips(value: Any) -> None:
    """A document that Python wrote reads back as it was, by the fast way and by the exact one."""
    assert column_to_json(pa.array([json.dumps(value)]), "JSON") == [value]


def test_rows_of_plain_values_load_no_frame_library() -> None:
    """Reading Python values doesn't import pandas, nor a database driver."""
    code = (
        "import sys; from segment_assets.warehouse.python_value import value_to_json;"
        "value_to_json({'a': [1]}); print([m for m in ('pandas', 'duckdb') if m in sys.modules])"
    )

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"


def test_plain_forms_are_what_the_encoder_takes() -> None:
    """Forms without faults, bytes and Decimals encode as they are."""
    row = {"at": datetime(2024, 1, 1), "id": UUID(int=0), "n": np.int64(1), "x": [pd.NA]}

    assert orjson.loads(orjson.dumps(value_to_json(row)))["x"] == [None]
