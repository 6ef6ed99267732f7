"""What works on a whole column at once gives what its values would give one by one."""

import json
from collections import OrderedDict
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment_assets.handoff import MISSING, Fault
from segment_assets.mapping import DictRows, Envelope, Mapping
from segment_assets.mapping.contents import Contents, contents_of
from segment_assets.mapping.object_maker import object_maker
from segment_assets.mapping.pruning import pruned, pruned_values
from segment_assets.mapping.rows import FieldRows
from segment_assets.mapping.text import decode_json, encode_json, encode_values

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.sampled_from([1.0, -0.0, 1e-7, 1e16, 1e21, 0.1]),
    st.text(max_size=4),
    st.sampled_from(["\ud800", "\x00\x1f\x7f\u2028", '"\\/', "1.0", "5e3"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "10", "2", "\ud800", ""]), inner, max_size=3),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(column=st.lists(values, min_size=1, max_size=3))
def test_json_of_a_column_is_json_of_its_values(column: list[Any]) -> None:
    """Whichever encoder writes a column, each text is JavaScript's."""
    assert list(encode_values(column)) == [encode_json(value) for value in column]


@pytest.mark.parametrize("odd", [(1,), UUID(int=1), {1: 2}, {"a": [{"b": (1,)}]}], ids=repr)
def test_a_value_without_a_json_form_fails_only_its_row(odd: Any) -> None:
    """Types that only one of the encoders knows are refused, as deep as they are."""
    first, second = encode_values([odd, {"a": 1}])

    assert isinstance(first, Fault)
    assert second == '{"a":1}'


@settings(max_examples=200, deadline=None)
@given(value=values, is_ascii=st.booleans())
def test_json_texts_are_read_back(value: Any, is_ascii: bool) -> None:  # noqa: FBT001 - drawn
    """A JSON text gives its value, whichever decoder reads it."""
    text = json.dumps(value, ensure_ascii=is_ascii)
    read = decode_json(text)

    assert read == (text if "NaN" in text or "Infinity" in text else json.loads(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[12345678901234567890]", [12345678901234567890]),
        ("1.10", 1.1),
        ("0.1000000000000000055511151231257827021181583404541015625",
         Decimal("0.1000000000000000055511151231257827021181583404541015625")),
        ("[7.0, -0, 1e2]", [7, 0, 100]),
        ('{"a": 1, "a": 2}', {"a": 2}),
        (r'"\ud800"', "\ud800"),
        ("[1,", "[1,"),
        ("01", "01"),
        ("\ufeff1", "\ufeff1"),
        ("NaN", "NaN"),
        ("", ""),
    ],
    ids=repr,
)  # fmt: skip
def test_a_decoded_number_keeps_its_digits(text: str, value: Any) -> None:
    """Numbers are exact and what is no JSON text stays as it is."""
    assert repr(decode_json(text)) == repr(value)


@settings(max_examples=200, deadline=None)
@given(column=st.lists(st.one_of(values, st.just(MISSING), st.just([MISSING]),
                                 st.just({"a": {"b": MISSING, "c": 1}})), max_size=3))  # fmt: skip
def test_pruning_a_column_prunes_its_values(column: list[Any]) -> None:
    """A column is passed on as it is only where nothing is missing inside."""
    assert repr(pruned_values(column)) == repr([pruned(value) for value in column])


def test_contents_are_those_of_all_levels() -> None:
    """Types are exact and keys are of all objects; a cycle has no answer."""
    cycle: list[Any] = []
    cycle.append(cycle)

    assert contents_of([{"a": [1, {"b": None}]}, "x"]) == Contents(
        frozenset({dict, list, int, type(None), str}), frozenset({"a", "b"})
    )
    assert OrderedDict in contents_of([[OrderedDict(a=MISSING)]]).types  # type: ignore[union-attr] # it is shallow
    assert contents_of([cycle]) is None
    assert contents_of([]) == Contents(frozenset(), frozenset())


def test_any_text_can_be_a_key() -> None:
    """A key is data, whatever it looks like in source code."""
    names = ("a", "'", '"', "\\", "\n", "{x}", "\ud800", "\x00", "']: __import__('os')", "ﬁ")

    assert object_maker(names)([[place, None] for place in range(len(names))]) == [
        dict(zip(names, range(len(names)), strict=True)),
        dict.fromkeys(names),
    ]
    assert object_maker(("a",))([[1, 2]]) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("parts", [(), ("a",), ("a", "b"), ("no",), ("properties", "x")])
def test_fields_answer_like_the_objects_they_stand_for(parts: tuple[str, ...]) -> None:
    """Rows that are known by their fields are the rows that those fields make."""
    columns = {"a": [{"b": 1}, MISSING], "properties": [{"x": 1}, None], "__segment_id": ["1", "2"]}
    fields = FieldRows(columns, 2)
    objects = DictRows([
        {"a": {"b": 1}, "properties": {"x": 1}, "__segment_id": "1"},
        {"properties": None, "__segment_id": "2"},
    ])  # fmt: skip

    assert list(fields.get(parts)) == list(objects.get(parts))
    assert fields.records() == objects.records()
    assert fields.roots() == objects.roots()
    assert fields.column("x") == objects.column("x")


def spoil(record: dict[str, Any]) -> int:
    """Change the dict it is given: what `@python` calls."""
    record["extra"] = record.pop("a")
    return len(record)


def test_a_function_has_a_record_of_its_own() -> None:
    """What one function does to its record shows in no other field and not in the rows."""
    call = {"@python": f"{__name__}:spoil"}
    mapping = Mapping.parse(
        {"x": call, "y": call, "z": {"@if": {"exists": {"@path": "$.a"}, "then": call}}}
    )
    columns = {"a": [1, None], "b": [2, 2]}
    rows = [{"a": 1, "b": 2}, {"a": None, "b": 2}]

    for batch in (Envelope(columns, "track", ["added"] * 2, ["1", "2"], ["1", "2"]),
                  DictRows(rows)):  # fmt: skip
        made = mapping.evaluate_rows(batch)

        assert made == {"x": [2, 2], "y": [2, 2], "z": [2, MISSING]}
    assert columns == {"a": [1, None], "b": [2, 2]}
    assert rows == [{"a": 1, "b": 2}, {"a": None, "b": 2}]
