"""The API's limit of one call, to the byte."""

from typing import Any

import pytest

from segment_assets.contract import Contract, encode
from segment_assets.wire import MAX_CALL_BYTES, encode_call

EMPTY_SIZE = len(
    encode_call({"type": "identify", "userId": "u", "context": {}, "traits": {"bio": ""}})
)


def encode_bios(*bios: Any) -> Any:
    """Encode identify calls with these texts."""
    rows = {"user_id": ["u"] * len(bios), "traits": [{"bio": bio} for bio in bios]}
    return encode(Contract("identify").check(rows, len(bios)))


@pytest.mark.parametrize(
    ("size_bytes", "is_sent"), [(32_767, True), (32_768, True), (32_769, False)]
)
def test_a_call_may_have_32768_bytes_and_not_one_more(size_bytes: Any, is_sent: Any) -> None:
    """The limit is on the call as encoded, exactly."""
    payload, violations = encode_bios("a" * (size_bytes - EMPTY_SIZE))

    assert payload.is_valid().to_pylist() == [is_sent]
    assert [v.code for v in violations] == ([] if is_sent else ["event_too_large"])
    if is_sent:
        assert len(payload[0].as_py()) == size_bytes


def test_bytes_are_counted_not_characters() -> None:
    """11,000 euro signs are 33,000 bytes: over the limit. The next row is sent."""
    payload, violations = encode_bios("€" * 11_000, "ok")

    assert payload.is_valid().to_pylist() == [False, True]
    assert violations[0].row == 0
    assert "33,0" in violations[0].message
    assert f"{MAX_CALL_BYTES:,}" in violations[0].message


def test_rejected_rows_stay_null() -> None:
    """Rows that the contract rejected are null, and sizes of the others are still theirs."""
    rows = {"user_id": ["u", None, "u"], "traits": [{"a": 1}, {"a": 2}, {"bio": "x" * 40_000}]}
    payload, violations = encode(Contract("identify").check(rows, 3))

    assert payload.is_valid().to_pylist() == [True, False, False]
    assert [v.row for v in violations] == [2]
