"""Every recorded answer of Segment's own destination, with the declared deviations applied."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from segment_assets.contract import Contract, encode
from segment_assets.handoff import MISSING
from segment_assets.mapping import Mapping
from segment_assets.preview import preview

GOLDEN = Path(__file__).parent / "golden" / "actions.jsonl.gz"
COUNTS = {"page": 956, "screen": 929, "track": 957, "identify": 1059, "group": 861}
PREVIEWED_EVERY = 100


def read_vectors(action: str) -> list[dict[str, Any]]:
    """Return the vectors of one action."""
    with gzip.open(GOLDEN, "rt", encoding="utf-8") as lines:
        return [v for v in map(json.loads, lines) if v["action"] == action]


def is_right(vector: dict[str, Any], call: dict[str, Any] | None, codes: set[str]) -> bool:
    """Compare one result; messageId counts only where the vector's call has one."""
    if "rejected" in vector:
        return call is None and codes >= set(vector["rejected"])
    if call is None:
        return False
    return {**call, "messageId": 0, **_message_id(vector, call)} == {
        "messageId": 0,
        **vector["call"],
    }


def _message_id(vector: dict[str, Any], call: dict[str, Any]) -> dict[str, Any]:
    return {"messageId": call.get("messageId")} if "messageId" in vector["call"] else {}


@pytest.mark.parametrize("action", COUNTS)
def test_calls_equal_those_of_segments_destination(action: Any) -> None:
    """Each vector gives exactly its call as encoded, or is rejected with at least its codes."""
    vectors = read_vectors(action)
    made = [Mapping.parse(vector["mapping"]).evaluate(vector["row"]) for vector in vectors]
    keys = sorted({key for fields in made for key in fields})
    columns = {key: [fields.get(key, MISSING) for fields in made] for key in keys}

    checked = Contract(action).check(columns, len(vectors))
    payload, too_large = encode(checked)

    codes: dict[int, set[str]] = {}
    for violation in checked.violations:
        codes.setdefault(violation.row, set()).add(violation.code)
    wrong = [
        vector["id"]
        for row, vector in enumerate(vectors)
        if not is_right(vector, _parsed(payload[row].as_py()), codes.get(row, set()))
    ]
    assert not wrong
    assert not too_large
    assert len(vectors) == COUNTS[action]


def _parsed(payload: bytes | None) -> dict[str, Any] | None:
    return None if payload is None else json.loads(payload)


@pytest.mark.parametrize("action", COUNTS)
def test_a_preview_of_single_rows_gives_the_same_calls(action: Any) -> None:
    """What a preview shows for a row in hand is what the whole path sends."""
    wrong = []
    for vector in read_vectors(action)[::PREVIEWED_EVERY]:
        [shown] = preview(action, vector["mapping"], [vector["row"]])
        codes = {told["code"] for told in shown.get("rejected", [])}
        if not is_right(vector, shown.get("call"), codes):
            wrong.append(vector["id"])

    assert not wrong
