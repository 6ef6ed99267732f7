"""A preview: Python values of a driver in, calls or reasons out, and nothing heavy loaded."""

import datetime as dt
import subprocess
import sys
import uuid
from decimal import Decimal

import pytest

from segment_assets.errors import MappingError
from segment_assets.preview import preview

MAPPING = {
    "user_id": {"@path": "$.id"},
    "timestamp": {"@path": "$.at"},
    "traits": {"plan": {"@path": "$.plan"}, "mrr": {"@path": "$.mrr"}},
}


def test_rows_become_calls_or_reasons_in_order() -> None:
    """Each row has one result; a rejection tells code, field and a sentence."""
    rows = [
        {
            "id": uuid.UUID("01750416-7A83-0000-13C7-6962E03B0D28"),
            "at": dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC),
            "plan": "pro",
            "mrr": Decimal("19.90"),
        },
        {"id": "nan", "plan": None},
        {"id": " u ", "mrr": 2**60},
    ]

    sent, rejected, warned = preview("identify", MAPPING, rows)

    assert sent == {
        "call": {
            "type": "identify",
            "userId": "01750416-7a83-0000-13c7-6962e03b0d28",
            "timestamp": "2024-06-01T12:00:00.000Z",
            "context": {},
            "traits": {"plan": "pro", "mrr": 19.9},
        },
        "warnings": [],
    }
    assert [told["code"] for told in rejected["rejected"]] == ["placeholder_id"]
    assert set(rejected["rejected"][0]) == {"code", "field", "message"}
    assert [told["code"] for told in warned["warnings"]] == ["untrimmed_id", "lossy_number"]
    assert warned["call"]["traits"] == {"mrr": str(2**60)}


def test_a_call_that_is_too_large_is_rejected_in_a_preview_too() -> None:
    """The size is that of the encoded call."""
    [shown] = preview("identify", MAPPING, [{"id": "u", "plan": "a" * 33_000}])

    assert [told["code"] for told in shown["rejected"]] == ["event_too_large"]
    assert "call" not in shown


def test_placeholder_ids_can_be_allowed() -> None:
    """The destination's switch works in a preview."""
    [shown] = preview("identify", MAPPING, [{"id": "null"}], allow_placeholder_ids=True)

    assert shown["call"]["userId"] == "null"


def test_an_unknown_action_is_a_mistake_in_the_mapping() -> None:
    """The sentence names what is allowed."""
    with pytest.raises(MappingError, match="page, screen, track, identify, group, alias"):
        preview("purchase", MAPPING, [])  # type: ignore[arg-type] # a wrong action is the point


def test_a_preview_loads_neither_dagster_nor_a_client_nor_a_database() -> None:
    """It runs in any process at hand."""
    code = (
        "import sys, segment_assets.preview; "
        "print([m for m in ('dagster', 'httpx', 'duckdb') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
