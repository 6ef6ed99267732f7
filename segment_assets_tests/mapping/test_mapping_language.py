"""A mapping is refused with every mistake at once, each at its place and with what is allowed."""

from typing import Any

import pytest

from segment_assets.errors import MappingError
from segment_assets.mapping import Mapping


def problems(mapping: Any) -> list[tuple[str, str]]:
    """Parse a mapping that is wrong and return its problems."""
    with pytest.raises(MappingError) as caught:
        Mapping.parse(mapping)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("mapping", "path", "sentence"),
    [
        pytest.param([], "", "should be an object but it is a list", id="not-an-object"),
        pytest.param(
            {"a": {"@path": 1}},
            "/a/@path",
            "should be a text or a directive but it is a number",
            id="path-of-a-number",
        ),
        pytest.param(
            {"a": {"@path": "$.b", "c": 1}},
            "/a",
            "should have one @-key and no other but it has 2: '@path', 'c'",
            id="directive-beside-a-field",
        ),
        pytest.param(
            {"a": {"@case": {"operator": "title", "value": {"@path": "$.b"}}}},
            "/a/@case/operator",
            "should be one of lower, upper but it is 'title'",
            id="unknown-case",
        ),
        pytest.param(
            {"a": {"@replace": {"pattern": "x", "value": "y", "replacment": ""}}},
            "/a/@replace",
            "has an unknown field 'replacment' (did you mean 'replacement'?); the fields are "
            "pattern, value, replacement, pattern2, replacement2, ignorecase, global",
            id="misspelt-argument",
        ),
        pytest.param(
            {"a": {"@replace": {"pattern": "12345678901", "value": "y"}}},
            "/a/@replace/pattern",
            "should have 1 to 10 characters",
            id="long-pattern",
        ),
        pytest.param(
            {"a": {"@merge": {"objects": [{}]}}},
            "/a/@merge",
            "should have a field 'direction' but it doesn't",
            id="merge-without-direction",
        ),
        pytest.param(
            {"a": {"@if": {"then": 1}}},
            "/a/@if",
            'should have an "exists" or a "blank" with a value or directive',
            id="if-without-condition",
        ),
        pytest.param(
            {"a": {"@liquid": "x" * 1001}},
            "/a/@liquid",
            "should have at most 1000 characters",
            id="long-liquid",
        ),
        pytest.param(
            {"a": {"@python": "math:nope"}},
            "/a/@python",
            "can't import 'math:nope' (AttributeError: module 'math' has no attribute 'nope')",
            id="python-function-missing",
        ),
        pytest.param(
            {"a": {"@python": "math:pi"}}, "/a/@python", "'math:pi' is not a function", id="no-call"
        ),
        pytest.param(
            {"a": {"@python": "math"}},
            "/a/@python",
            "should be 'package.module:function' but it is 'math'",
            id="python-without-colon",
        ),
        pytest.param(
            {"a": {1: "b"}}, "/a", "should have texts as keys but it has 1", id="number-as-key"
        ),
        pytest.param(
            {"a": b"x"}, "/a", "should be a JSON value but it is a bytes", id="bytes-literal"
        ),
    ],
)
def test_a_mistake_is_named_at_its_place(mapping: Any, path: str, sentence: str) -> None:
    """Each mistake has a slash path and a sentence that says what was found and what is allowed."""
    assert problems(mapping) == [(path, sentence)]


def test_an_unknown_directive_is_refused_by_name() -> None:
    """An unknown directive is named with the nearest one and the list of all."""
    ((path, sentence),) = problems({"traits": {"name": {"@tempalte": "{{name}}"}}})

    assert path == "/traits/name"
    assert sentence.startswith("has an unknown directive '@tempalte' (did you mean '@template'?)")
    assert "@path, @column, @template, @literal, @if" in sentence


def test_all_mistakes_are_reported_at_once() -> None:
    """A mapping with three mistakes is refused once, with three problems."""
    mapping = {
        "a": {"@path": None},
        "b": {"c": [{"@nope": 1}]},
        "d": {"@json": {"mode": "encode", "value": {"@template": 5}}},
    }

    assert [path for path, _ in problems(mapping)] == [
        "/a/@path",
        "/b/c/0",
        "/d/@json/value/@template",
    ]


def test_a_directive_that_always_fails_is_refused_only_where_every_row_comes() -> None:
    """In a branch, a condition without a value fails the rows that come there, and no others."""
    broken = {"@if": {"blank": 0, "then": 1}}
    assert problems({"a": broken})

    mapping = Mapping.parse({"a": {"@if": {"exists": {"@path": "$.x"}, "then": 1, "else": broken}}})

    assert mapping.evaluate({"x": 1}) == {"a": 1}
    with pytest.raises(MappingError, match='should have an "exists" or a "blank"'):
        mapping.evaluate({})


def test_a_mapping_nested_without_end_is_refused() -> None:
    """Nesting is bounded by a sentence, never by the interpreter's recursion limit."""
    deep: Any = {"@path": "$.a"}
    for _ in range(5000):
        deep = {"a": deep}

    ((_, sentence),) = problems(deep)

    assert sentence == "is nested more than 100 levels deep"


def test_metadata_beside_a_directive_is_ignored() -> None:
    """Segment's own `_metadata` may stand beside a directive."""
    mapping = Mapping.parse({"a": {"@path": "$.x", "_metadata": {"label": "X"}}})

    assert mapping.evaluate({"x": 3}) == {"a": 3}


@pytest.mark.parametrize(
    "mapping",
    [
        pytest.param({"@path": "$.whole"}, id="directive-as-mapping"),
        pytest.param(
            {
                "__segment_internal_directive": {"@transform": {"apply": {"@path": "$.whole"}}},
                "user_id": {"@path": "$.user_id"},
                "traits": {"@path": "$.traits"},
            },
            id="segments-root-directive",
        ),
    ],
)
def test_one_directive_can_make_the_whole_object(mapping: dict[str, Any]) -> None:
    """A directive at the root gives the fields, whichever they are."""
    row = {"whole": {"user_id": "u1", "traits": {"plan": "pro"}}}

    assert Mapping.parse(mapping).evaluate(row) == {"user_id": "u1", "traits": {"plan": "pro"}}


def test_a_root_directive_that_makes_no_object_fails_the_row() -> None:
    """A row whose whole object would be a text is refused with a sentence."""
    with pytest.raises(MappingError, match="a mapping should make an object but it made a text"):
        Mapping.parse({"@path": "$.name"}).evaluate({"name": "Ann"})
    assert problems({"__segment_internal_directive": {"a": 1}}) == [
        ("/__segment_internal_directive", "should be one directive")
    ]


def test_a_row_must_be_an_object() -> None:
    """A row that is a list is refused."""
    with pytest.raises(MappingError, match="a row should be an object but it is a list"):
        Mapping.parse({}).evaluate([])  # type: ignore[arg-type] # a caller's mistake on purpose
