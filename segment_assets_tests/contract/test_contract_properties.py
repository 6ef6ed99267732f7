"""What holds for any values: rows are independent, inputs untouched, output strict JSON."""

import copy
import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from segment_assets.codes import CODES
from segment_assets.contract import Contract, encode
from segment_assets.fields import ACTIONS, fields_of
from segment_assets.handoff import MISSING

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from([
        MISSING, "", " ", "true", "12", "1.50", "nan", "a\0", "\ud800", b"x", 2**53 + 1, 2.0**60,
        "2024-01-02T03:04:05Z", "2024-01-02", Decimal(9007199254740993), float("inf"),
    ])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "k\0"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def objects(field: Any) -> Any:
    """Draw objects for an object field, often with its own sub-fields."""
    names = [sub.key for sub in field.sub_fields] or ["a", "b", "c", "categoryPreferences"]
    return st.dictionaries(st.sampled_from([*names, "odd"]), VALUES, max_size=4)


@st.composite
def chunks(draw: Any) -> Any:
    """Draw an action and a few rows of some of its fields."""
    action = draw(st.sampled_from(ACTIONS))
    fields = fields_of(action)
    keys = draw(st.lists(st.sampled_from(list(fields)), max_size=4, unique=True))
    length = draw(st.integers(1, 4))
    columns = {"user_id": draw(st.lists(SCALARS | st.just("u"), min_size=length, max_size=length))}
    for key in keys:
        kind = VALUES | objects(fields[key]) if fields[key].type == "object" else VALUES
        columns[key] = draw(st.lists(kind, min_size=length, max_size=length))
    return action, columns, length


def strict_json(payload: Any) -> Any:
    """Parse as a strict parser does: no NaN, no Infinity, valid UTF-8."""

    def refuse(constant: Any) -> Any:
        raise ValueError(constant)

    return json.loads(payload.decode("utf-8"), parse_constant=refuse)


CONTRACTS = {action: Contract(action) for action in ACTIONS}


@settings(max_examples=40, deadline=None)
@given(chunks())
def test_a_row_is_sent_in_strict_json_or_rejected_with_a_known_code(chunk: Any) -> None:
    """Each row has exactly one fate, inputs are untouched, and what is sent always parses."""
    action, columns, length = chunk
    before = copy.deepcopy(columns)
    checked = CONTRACTS[action].check(columns, length)
    payload, too_large = encode(checked)
    rejected = {v.row for v in checked.violations}

    assert repr(columns) == repr(before)
    assert not too_large
    assert {v.code for v in checked.violations} <= set(CODES)
    assert len(checked.calls) == len(payload) == length
    for row in range(length):
        assert (checked.calls[row] is None) == (row in rejected) == (not payload[row].is_valid)
        if row not in rejected:
            call = strict_json(payload[row].as_py())
            assert call["type"] == action
            assert "\0" not in json.dumps(call, ensure_ascii=False)


@settings(max_examples=25, deadline=None)
@given(chunks())
def test_a_row_is_the_same_alone_and_in_company(chunk: Any) -> None:
    """Bytes and codes of a row never depend on its neighbours, so every retry sends the same."""
    action, columns, length = chunk
    contract = CONTRACTS[action]
    together = contract.check(columns, length)
    payload, _ = encode(together)

    for row in range(length):
        alone = contract.check({key: [values[row]] for key, values in columns.items()}, 1)
        single, _ = encode(alone)
        assert single[0].as_py() == payload[row].as_py()
        assert [(v.code, v.field, v.message) for v in alone.violations] == [
            (v.code, v.field, v.message) for v in together.violations if v.row == row
        ]
        assert [(w.code, w.field) for w in alone.warnings] == [
            (w.code, w.field) for w in together.warnings if w.row == row
        ]
