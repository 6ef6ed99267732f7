"""Open objects are sent as they are, except for what JSON or JavaScript can't hold."""

from decimal import Decimal
from typing import Any

import pytest

from segment_assets.contract import Contract
from segment_assets.contract.open_object import MAX_DEPTH
from segment_assets.handoff import MISSING


def check_traits(*rows: Any) -> Any:
    """Check identify calls with these traits."""
    ids = [f"u{number}" for number in range(len(rows))]
    return Contract("identify").check({"user_id": ids, "traits": list(rows)}, len(rows))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (float("nan"), None), (Decimal("NaN"), None), (None, None), ("", ""), (3, 3), (True, True),
        ("false", "false"), (Decimal("34.7"), 34.7), (Decimal("19.90"), 19.9), (Decimal(42), 42),
        (Decimal("1E+3"), 1000), (2**53, 2**53), (Decimal("0.1"), 0.1), (1e300, 1e300),
        (MISSING, MISSING), ((1, MISSING), [1, None]), ([1, float("nan")], [1, None]),
        ({"a": Decimal("0.5"), "b": MISSING}, {"a": 0.5}), ({}, {}), ([], []),
    ],
    ids=repr,
)  # fmt: skip
def test_values_that_json_holds_are_sent(value: Any, found: Any) -> None:
    """Numbers stay numbers, NaN becomes null, absent values are left out of objects."""
    alone = check_traits({"v": value}).calls[0]["traits"]
    in_company = check_traits({"v": value, "w": 1}, {"v": "other"}).calls[0]["traits"]

    assert alone.get("v", MISSING) == found
    assert type(alone.get("v", MISSING)) is type(found)
    assert in_company.get("v", MISSING) == found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2**53 + 1, "9007199254740993"), (-(2**64), "-18446744073709551616"),
        (Decimal(9007199254740993), "9007199254740993"),
        (Decimal("12345678901234567.891"), "12345678901234567.891"),
        (Decimal("0.12345678901234567890"), "0.1234567890123456789"),
    ],
    ids=repr,
)  # fmt: skip
def test_numbers_that_javascript_would_round_become_text_with_a_warning(
    value: Any, text: Any
) -> None:
    """Every digit is kept, and the row says that a number went out as text."""
    checked = check_traits({"deep": {"n": [value]}})

    assert checked.calls[0]["traits"] == {"deep": {"n": [text]}}
    assert [(w.code, w.field) for w in checked.warnings] == [("lossy_number", "traits.deep.n[0]")]


@pytest.mark.parametrize("value", [10**5000, Decimal("1E+5000")], ids=["int", "decimal"])
def test_a_number_of_absurd_length_is_refused_instead_of_printed(value: Any) -> None:
    """Printing such a number would take memory without end; its row is refused."""
    checked = check_traits({"n": value})

    assert [v.code for v in checked.violations] == ["unserialisable_value"]


def nest(depth: Any) -> Any:
    """Return lists nested so deep."""
    value = 1
    for _ in range(depth):
        value = [value]
    return value


def test_nesting_is_bounded() -> None:
    """The deepest allowed value is sent and encoded; one more rejects the row, not the run."""
    checked = check_traits({"v": nest(MAX_DEPTH - 1)}, {"v": nest(MAX_DEPTH)}, {"v": nest(5000)})

    assert [call is None for call in checked.calls] == [False, True, True]
    assert {v.code for v in checked.violations} == {"unserialisable_value"}
    assert all(len(v.field) <= 100 for v in checked.violations)


def test_rows_without_the_object_or_with_other_keys_stand_side_by_side() -> None:
    """Null, absent, empty and differently shaped objects in one chunk don't disturb each other."""
    checked = check_traits({"a": Decimal("1.5")}, None, MISSING, "", {}, {"b": float("nan")})

    assert [call["traits"] for call in checked.calls] == [
        {"a": 1.5}, {}, {}, {}, {}, {"b": None},
    ]  # fmt: skip


def test_rows_in_hand_are_not_changed() -> None:
    """A row that needs another value gets a copy; one that needs none is used as it is."""
    odd, plain = {"n": Decimal("1.5"), "a": 1}, {"n": 2, "a": 1}
    checked = check_traits(odd, plain)

    assert odd == {"n": Decimal("1.5"), "a": 1}
    assert type(odd["n"]) is Decimal
    assert [call["traits"]["n"] for call in checked.calls] == [1.5, 2]


def test_one_bad_value_in_a_column_rejects_its_row_only() -> None:
    """Values of one key are looked at together, but blamed one by one."""
    checked = check_traits({"a": "x"}, {"a": "nul\0"}, {"a": "z"})

    assert [call is None for call in checked.calls] == [False, True, False]
    assert [(v.row, v.field) for v in checked.violations] == [(1, "traits.a")]
