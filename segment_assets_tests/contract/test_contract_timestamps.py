"""Timestamps: any usual ISO 8601 in, UTC with milliseconds out, nothing guessed."""

import functools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment_assets.contract import Contract
from segment_assets.contract.timestamp import as_sent, parse_timestamp

#: A schema takes a while to build, and a contract holds no state: each is made once.
contract_of = functools.cache(Contract)
GOOD = {
    "2024-01-02": "2024-01-02T00:00:00.000Z",
    "2024-01-02T03:04:05Z": "2024-01-02T03:04:05.000Z",
    "2024-01-02t03:04:05z": "2024-01-02T03:04:05.000Z",
    "2024-01-02 03:04:05": "2024-01-02T03:04:05.000Z",
    "2024-01-02T03:04": "2024-01-02T03:04:00.000Z",
    "2024-01-02T03:04:05.6": "2024-01-02T03:04:05.600Z",
    "2024-01-02T03:04:05,678": "2024-01-02T03:04:05.678Z",
    "2024-01-02T03:04:05.678999999Z": "2024-01-02T03:04:05.678Z",
    "2024-01-02T03:04:05.678+02:00": "2024-01-02T01:04:05.678Z",
    "2022-01-25T10:15:00+0200": "2022-01-25T08:15:00.000Z",
    "2022-01-25 10:15:00.5+02": "2022-01-25T08:15:00.500Z",
    "2022-01-25T10:15:00-05:30": "2022-01-25T15:45:00.000Z",
    "1890-01-01 00:00:00+00:43:00": "1889-12-31T23:17:00.000Z",
    "20240102T030405Z": "2024-01-02T03:04:05.000Z",
    "2024-02-29": "2024-02-29T00:00:00.000Z",
    "2024-12-31T24:00:00Z": "2025-01-01T00:00:00.000Z",
    "0001-01-01": "0001-01-01T00:00:00.000Z",
    "9999-12-31T23:59:59.999Z": "9999-12-31T23:59:59.999Z",
}
BAD = [
    "2021-10-16T16:00:27.029:Z", "last tuesday", "1700000000", "1700000000000", "20240102",
    "2024-13-01", "2023-02-29", "2024-1-2", "24-01-02", "2024-01", "2024-01-02Z", "0000-01-01",
    "2024-01-02T25:00:00Z", "2024-01-02T24:00:01Z", "2024-01-02T03:60:00Z", "2024-01-02T03:04:60Z",
    "2024-01-02T03:04:05+24:00", "2024-01-02T03:04:05+02:60", "2024-01-02T03:04:05 UTC",
    "2024-01-02T03:04:05.Z", " 2024-01-02", "2024-01-02\n", "٢٠٢٤-01-02", "01/02/2024", "infinity",
    "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00Z",
]  # fmt: skip


def check(*values: Any) -> Any:
    """Check track calls with these timestamps."""
    count = len(values)
    fields = {"user_id": ["u"] * count, "event_name": ["e"] * count, "timestamp": list(values)}
    return contract_of("track").check(fields, count)


@pytest.mark.parametrize(("text", "sent"), GOOD.items(), ids=GOOD)
def test_iso_8601_is_sent_as_utc_with_milliseconds(text: Any, sent: Any) -> None:
    """Every usual spelling of an instant goes out in one form."""
    assert check(text).calls[0]["timestamp"] == sent
    assert check([text]).calls[0]["timestamp"] == sent


@pytest.mark.parametrize("text", BAD, ids=ascii)
def test_all_else_is_an_invalid_timestamp(text: Any) -> None:
    """What the API would silently replace by the arrival time is refused."""
    checked = check(text)

    assert [(v.code, v.field) for v in checked.violations] == [("invalid_timestamp", "timestamp")]


@pytest.mark.parametrize("number", [0, -5, 1700000000, 1700000000000.5, True], ids=repr)
def test_epoch_numbers_are_not_guessed_at(number: Any) -> None:
    """A number could be seconds or milliseconds; only the model's owner knows."""
    assert [v.code for v in check(number).violations] == ["invalid_timestamp"]


@pytest.mark.parametrize("nothing", [None, "", float("nan")], ids=repr)
def test_a_timestamp_of_nothing_is_left_out(nothing: Any) -> None:
    """The API then uses the time of arrival."""
    assert "timestamp" not in check(nothing).calls[0]


def test_good_and_bad_timestamps_stand_side_by_side() -> None:
    """A column that isn't all in the usual form is read value by value, with equal results."""
    checked = check("2024-01-02T03:04:05Z", "nonsense", None, "2024-01-02T03:04:05.1+01:00")

    assert [call and call.get("timestamp") for call in checked.calls] == [
        "2024-01-02T03:04:05.000Z", None, None, "2024-01-02T02:04:05.100Z",
    ]  # fmt: skip
    assert [v.row for v in checked.violations] == [1]


@given(
    st.lists(
        st.none()
        | st.sampled_from([*GOOD, *BAD])
        | st.builds(
            "{}T{}.{}Z".format,
            st.dates().map(str),
            st.times().map(lambda time: time.strftime("%H:%M:%S")),
            st.integers(0, 10**9),
        ),
        max_size=5,
    )
)
def test_the_short_path_agrees_with_the_careful_one(texts: Any) -> None:
    """A column proved as a whole gives what each text gives alone."""
    ready = as_sent(texts)

    if ready is not None:
        assert ready == [text and parse_timestamp(text) for text in texts]
