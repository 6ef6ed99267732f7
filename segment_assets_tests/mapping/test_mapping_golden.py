"""What Segment's own mapping-kit and trigger evaluator answer, recorded as data."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from segment_assets.errors import MappingError
from segment_assets.mapping import DictRows, Mapping, Trigger

GOLDEN = Path(__file__).parent / "golden"


def vectors(name: str) -> Iterator[dict[str, Any]]:
    """Read one vector per line."""
    with gzip.open(GOLDEN / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def same(left: Any, right: Any) -> bool:
    """Compare as JSON does: true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def answer(vector: dict[str, Any]) -> Any:
    """Return the result, or None for a refusal."""
    try:
        return Mapping.parse(vector["mapping"]).evaluate(vector["row"])
    except MappingError:
        return None


def test_every_mapping_vector_has_segments_result() -> None:
    """Each of the 1,874 recorded mappings gives the recorded result or is refused as recorded."""
    checked = 0
    wrong = []
    for vector in vectors("mapping"):
        before = json.dumps(vector["row"])
        checked += 1
        if not same(answer(vector), vector.get("result")) or json.dumps(vector["row"]) != before:
            wrong.append(vector["id"])

    assert (checked, wrong) == (1874, [])


def test_every_trigger_vector_has_segments_answer() -> None:
    """Each of the 1,111 recorded triggers matches exactly the events it matched at Segment."""
    vectors_read = list(vectors("trigger"))
    wrong = [
        vector["fql"]
        for vector in vectors_read
        if Trigger.parse(vector["fql"]).matches(vector["event"]) is not vector["match"]
    ]

    assert (len(vectors_read), wrong) == (1111, [])


@pytest.mark.parametrize("fields", range(4), ids=lambda number: f"row-{number}")
def test_a_batch_of_vectors_is_mapped_like_single_rows(fields: int) -> None:
    """Evaluating a mapping on all recorded rows at once gives each row its own result."""
    read = list(vectors("mapping"))
    rows = list({json.dumps(vector["row"]): vector["row"] for vector in read}.values())
    for vector in read[fields::40]:
        if "rejected" in vector:
            continue
        mapping = Mapping.parse(vector["mapping"])
        columns = mapping.evaluate_rows(DictRows(rows))
        for place, row in enumerate(rows):
            try:
                single = mapping.evaluate(row)
            except MappingError:
                single = None
            values = {name: column[place] for name, column in columns.items()}
            if single is not None:
                found = {name: value for name, value in values.items() if name in single}
                assert found == single, vector["id"]
