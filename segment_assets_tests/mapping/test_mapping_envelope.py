"""Model rows as a mapping sees them, and what can be said about a mapping beforehand."""

from typing import Any

import pytest

from segment_assets.handoff import MISSING, Fault
from segment_assets.mapping import Envelope, Mapping, Trigger

SKIPPED = Fault("nonexistent_time", "02:30 is skipped")


def envelope(**columns: list[Any]) -> Envelope:
    """Show columns as two added and one deleted record."""
    return Envelope(
        columns, "identify", ["added", "updated", "deleted"], ["1", "2", "3"], ["m1", "m2", "m3"]
    )


def mapped(directive: Any, rows: Envelope) -> list[Any]:
    """Map one field for a batch."""
    return list(Mapping.parse({"o": directive}).evaluate_rows(rows)["o"])


def test_the_root_is_segments_event() -> None:
    """Type, event, key, message id and all columns are where Segment has them."""
    rows = envelope(email=["a", "b", None], type=["x", "y", None])

    assert rows.roots()[0] == {
        "type": "identify",
        "event": "new",
        "__segment_id": "1",
        "messageId": "m1",
        "properties": {"email": "a", "type": "x"},
        "email": "a",
    }
    assert mapped({"@path": "$.event"}, rows) == ["new", "updated", "deleted"]
    assert mapped({"@path": "$.type"}, rows) == ["identify"] * 3
    assert mapped({"@path": "$.properties.type"}, rows) == ["x", "y", None]
    assert mapped({"@template": "{{email}}-{{__segment_id}}"}, rows) == ["a-1", "b-2", "-3"]
    assert mapped({"@path": "$.nope"}, rows) == [MISSING] * 3
    assert mapped({"@path": "$."}, rows) == list(rows.roots())


def test_a_plain_column_is_handed_out_without_work() -> None:
    """A path to a column gives that very list."""
    emails = ["a", "b", "c"]
    fields = {"user_id": {"@path": "$.email"}, "other": {"@path": "$.properties.email"}}
    columns = Mapping.parse(fields).evaluate_rows(envelope(email=emails))

    assert columns["user_id"] is emails
    assert columns["other"] is emails


def test_a_column_with_an_odd_name_is_reached_exactly() -> None:
    """`@column` takes dots, quotes and spaces as they are."""
    rows = envelope(**{"odd name.with 'dots'": [1, 2, 3]})

    assert mapped({"@column": "odd name.with 'dots'"}, rows) == [1, 2, 3]
    assert Mapping.parse({"o": {"@column": "a.b"}}).evaluate({"a.b": 5}) == {"o": 5}


def test_missing_is_left_out_and_null_is_kept() -> None:
    """Objects lose missing fields, at any depth; lists have null in their place."""
    rows = envelope(a=[1, None, MISSING])
    directive = {"x": {"y": {"@path": "$.a"}}, "l": [{"@path": "$.a"}]}

    assert mapped(directive, rows) == [
        {"x": {"y": 1}, "l": [1]},
        {"x": {"y": None}, "l": [None]},
        {"x": {}, "l": [None]},
    ]


@pytest.mark.parametrize(
    "directive",
    [
        pytest.param({"deep": {"er": {"@path": "$.at"}, "b": 1}}, id="object"),
        pytest.param([1, {"@path": "$.at"}], id="list"),
        pytest.param({"@template": "at {{at}}"}, id="template"),
        pytest.param({"@case": {"operator": "upper", "value": {"@path": "$.at"}}}, id="case"),
        pytest.param({"@merge": {"direction": "left", "objects": [{"@path": "$.at"}]}}, id="merge"),
        pytest.param({"@if": {"exists": {"@path": "$.at"}, "then": 1}}, id="condition"),
        pytest.param({"@path": "$.properties"}, id="all-columns"),
        pytest.param({"@path": "$."}, id="whole-root"),
        pytest.param({"@python": "json:dumps"}, id="python"),
        pytest.param(
            {"@transform": {"apply": {"x": {"@path": "$.at"}}, "mapping": {"y": 1}}}, id="transform"
        ),
        pytest.param({"@json": {"mode": "encode", "value": {"x": {"@path": "$.at"}}}}, id="json"),
        pytest.param({"@arrayPath": ["$.list", {"x": 1, "y": {"@path": "$.z"}}]}, id="array"),
    ],
)
def test_a_fault_stands_for_the_whole_field(directive: Any) -> None:
    """A value that could not be made rejects its row, whatever holds it, and no other row."""
    rows = envelope(at=["t", SKIPPED, "t"], list=[[{"z": 1}], [{"z": 1}, SKIPPED], []])

    values = mapped(directive, rows)

    assert values[1] == SKIPPED
    assert not any(isinstance(value, Fault) for value in (values[0], values[2]))


def test_a_fault_in_an_untaken_branch_does_not_count() -> None:
    """Only the branch that a row takes can fail it."""
    rows = envelope(at=["t", SKIPPED, "t"], ok=[None, "fine", None])
    directive = {
        "@if": {"exists": {"@path": "$.ok"}, "then": {"@path": "$.ok"}, "else": {"@path": "$.at"}}
    }

    assert mapped(directive, rows) == ["t", "fine", "t"]


def test_liquid_fails_on_a_row_with_a_fault() -> None:
    """A template can't tell which columns it will print, so such a row is rejected."""
    values = mapped({"@liquid": "{{ ok }}"}, envelope(at=["t", SKIPPED, "t"], ok=[1, 2, 3]))

    assert values == ["1", SKIPPED, "3"]


def test_faults_of_a_root_directive_are_in_every_field() -> None:
    """A row that fails as a whole is rejected in each field it would have had."""
    mapping = Mapping.parse({"@path": "$.whole"})

    columns = mapping.evaluate_rows(envelope(whole=[{"a": 1}, "text", {"b": 2}]))

    assert columns["a"][0] == 1
    assert columns["a"][2] is MISSING
    assert all(isinstance(columns[name][1], Fault) for name in ("a", "b"))
    assert isinstance(columns["__segment_internal_directive"][1], Fault)


@pytest.mark.parametrize(
    ("fields", "columns"),
    [
        pytest.param({"a": {"@path": "$.x.y"}, "b": {"@template": "{{z}}"}}, {"x", "z"}, id="both"),
        pytest.param({"a": {"@path": "$.properties.x"}}, {"x"}, id="properties"),
        pytest.param({"a": {"@column": "x.y"}}, {"x.y"}, id="column"),
        pytest.param({"a": {"@path": "$.__segment_id"}, "b": "c"}, set(), id="envelope-only"),
        pytest.param(
            {"a": {"@arrayPath": ["$.items", {"s": {"@path": "$.sku"}}]}}, {"items"}, id="items"
        ),
        pytest.param(
            {"a": {"@transform": {"apply": {"x": {"@path": "$.y"}}, "mapping": {"@path": "$.x"}}}},
            {"y"},
            id="transform",
        ),
        pytest.param(
            {"a": {"@if": {"exists": {"@path": "$.c"}, "then": {"@path": "$.t"}, "else": "x"}}},
            {"c", "t"},
            id="if",
        ),
        pytest.param({"a": {"@path": "$.properties"}}, None, id="all-properties"),
        pytest.param({"a": {"@path": "$."}}, None, id="whole-root"),
        pytest.param({"a": {"@path": {"@path": "$.x"}}}, None, id="dynamic-path"),
        pytest.param({"a": {"@liquid": "{{ x }}"}}, None, id="liquid"),
        pytest.param({"a": {"@python": "json:dumps"}}, None, id="python"),
    ],
)
def test_the_columns_that_are_read_are_known(fields: Any, columns: set[str] | None) -> None:
    """Columns come from paths; None says that they can't be bounded."""
    assert Mapping.parse(fields).columns_read() == columns


@pytest.mark.parametrize(
    ("directive", "reaches"),
    [
        ({"@path": "$.__segment_id"}, True),
        ({"@path": "$.customer_id"}, False),
        ({"@template": "u-{{__segment_id}}"}, True),
        (
            {"@if": {"exists": {"@path": "$.a"}, "then": 1, "else": {"@path": "$.__segment_id"}}},
            True,
        ),
        ({"@liquid": "{{ __segment_id }}"}, True),
        ({"@liquid": "{{ customer_id }}"}, False),
        ({"@path": "$.properties"}, False),
        ({"@path": {"@path": "$.which"}}, True),
    ],
)
def test_whether_a_field_reaches_the_key(directive: Any, reaches: bool) -> None:  # noqa: FBT001 - a row of the table
    """A deleted record has nothing but its key, so id fields must be able to read it."""
    mapping = Mapping.parse({"user_id": directive, "other": "x"})

    assert mapping.reads_segment_id("user_id") is reaches
    assert mapping.reads_segment_id("other") is False


def test_field_sources_name_each_leaf() -> None:
    """Lineage has one entry per leaf: where it goes, how it is made, from which columns."""
    mapping = Mapping.parse(
        {
            "user_id": {"@path": "$.id"},
            "traits": {
                "email": {"@case": {"operator": "lower", "value": {"@path": "$.email"}}},
                "source": "warehouse",
                "all": {"@path": "$.properties"},
                "tags": [{"@path": "$.a"}, {"@path": "$.b"}],
            },
        }
    )

    assert mapping.field_sources() == [
        ("user_id", "path", ("id",)),
        ("traits/email", "case", ("email",)),
        ("traits/source", "literal", ()),
        ("traits/all", "path", None),
        ("traits/tags", "list", ("a", "b")),
    ]


def test_a_trigger_sees_the_same_root() -> None:
    """A trigger matches on columns, with and without `properties`, and on the event."""
    rows = envelope(plan=["pro", "internal", None], total=[5, 50, None])

    assert Trigger.parse('properties.plan != "internal"').matches_rows(rows) == [True, False, True]
    assert Trigger.parse('event = "new" or total > 10').matches_rows(rows) == [True, True, False]
    assert Trigger.parse('plan = "pro" and properties.total > 1').columns_read() == {
        "plan",
        "total",
    }
    assert Trigger.parse("properties != null").columns_read() is None


def test_an_empty_batch_gives_empty_columns() -> None:
    """No rows are no problem for any directive."""
    rows = Envelope({"a": []}, "track", [], [], [])
    fields = {
        "x": {"@if": {"exists": {"@path": "$.a"}, "then": {"@template": "{{a}}"}, "else": [1]}},
        "y": {"@transform": {"apply": {"b": {"@path": "$.a"}}, "mapping": {"@path": "$.b"}}},
        "z": {"@arrayPath": ["$.a", {"c": {"@path": "$.d"}}]},
        "l": {"@liquid": "{{ a }}"},
    }

    assert Mapping.parse(fields).evaluate_rows(rows) == {"x": [], "y": [], "z": [], "l": []}
    assert Trigger.parse("a = 1").matches_rows(rows) == []
