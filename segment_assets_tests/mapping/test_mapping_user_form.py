"""The form that users write: `$.column` wherever a value may stand, and only there."""

import copy
from typing import Any

import pytest

from segment_assets.mapping import Mapping, from_user_form


@pytest.mark.parametrize(
    ("written", "kit"),
    [
        pytest.param("$.email", {"@path": "$.email"}, id="path"),
        pytest.param("email", "email", id="literal"),
        pytest.param("$5 off", "$5 off", id="price"),
        pytest.param({"@literal": "$.x"}, {"@literal": "$.x"}, id="literal-path-text"),
        pytest.param({"@column": "$.odd name"}, {"@column": "$.odd name"}, id="column"),
        pytest.param({"@path": "$.x"}, {"@path": "$.x"}, id="path-directive"),
        pytest.param({"@template": "$.x"}, {"@template": "$.x"}, id="template-text"),
        pytest.param(["$.a", 1, None], [{"@path": "$.a"}, 1, None], id="list"),
        pytest.param(
            {"@case": {"operator": "lower", "value": "$.x"}},
            {"@case": {"operator": "lower", "value": {"@path": "$.x"}}},
            id="case",
        ),
        pytest.param(
            {"@replace": {"pattern": "$.", "replacement": "$.", "value": "$.x"}},
            {"@replace": {"pattern": "$.", "replacement": "$.", "value": {"@path": "$.x"}}},
            id="replace-pattern-stays",
        ),
        pytest.param(
            {"@if": {"exists": "$.a", "then": {"deep": "$.b"}, "else": ["$.c"]}},
            {
                "@if": {
                    "exists": {"@path": "$.a"},
                    "then": {"deep": {"@path": "$.b"}},
                    "else": [{"@path": "$.c"}],
                }
            },
            id="if",
        ),
        pytest.param(
            {"@arrayPath": ["$.items", {"sku": "$.sku"}]},
            {"@arrayPath": ["$.items", {"sku": {"@path": "$.sku"}}]},
            id="array-path",
        ),
        pytest.param(
            {"@flatten": {"value": "$.o", "separator": "$."}},
            {"@flatten": {"value": {"@path": "$.o"}, "separator": "$."}},
            id="flatten-separator-stays",
        ),
        pytest.param(
            {"@merge": {"objects": ["$.a", {"b": "$.b"}], "direction": "right"}},
            {"@merge": {"objects": [{"@path": "$.a"}, {"b": {"@path": "$.b"}}],
                        "direction": "right"}},
            id="merge",
        ),
        pytest.param({"@excludeWhenNull": "$.a"}, {"@excludeWhenNull": {"@path": "$.a"}}, id="n"),
        pytest.param({"@liquid": "$.a"}, {"@liquid": "$.a"}, id="liquid-text"),
        pytest.param(
            {"@path": {"@if": {"exists": "$.a", "then": "x"}}},
            {"@path": {"@if": {"exists": {"@path": "$.a"}, "then": "x"}}},
            id="dynamic-path",
        ),
    ],
)  # fmt: skip
def test_the_shorthand_is_a_path_where_a_value_stands(written: Any, kit: Any) -> None:
    """A text that starts with `$.` becomes a path; names, modes and templates stay."""
    before = copy.deepcopy(written)

    fields, problems = from_user_form({"traits": {"x": written}})

    assert (fields, problems) == ({"traits": {"x": kit}}, [])
    assert written == before
    Mapping.parse(fields)


def test_a_directive_in_place_of_the_fields_is_refused() -> None:
    """The fields of an action are keys; a directive can't stand for all of them."""
    assert from_user_form({"@path": "$.x"})[1] == [
        ("", "should be field keys, each with its value, not a directive")
    ]


def test_fields_without_end_are_refused() -> None:
    """Nesting is bounded by a sentence."""
    deep: Any = "$.a"
    for _ in range(5000):
        deep = [deep]

    ((path, sentence),) = from_user_form({"a": deep})[1]

    assert path.startswith("/a/0/0")
    assert sentence == "is nested more than 100 levels deep"
