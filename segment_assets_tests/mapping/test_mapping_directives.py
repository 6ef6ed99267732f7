"""Directives at the edges that the recorded vectors don't reach."""

from decimal import Decimal
from typing import Any

import pytest

from segment_assets.errors import MappingError
from segment_assets.mapping import Mapping


def made(directive: Any, row: dict[str, Any]) -> Any:
    """Map one field and return its value; "missing" where it is left out."""
    return Mapping.parse({"o": directive}).evaluate(row).get("o", "missing")


def replaced(text: Any, **arguments: Any) -> Any:
    """Run `@replace` on a text."""
    return made({"@replace": {"value": {"@path": "$.x"}, **arguments}}, {"x": text})


@pytest.mark.parametrize(
    ("arguments", "text", "expected"),
    [
        pytest.param({"pattern": ".", "replacement": "$&$&"}, "a.b", "a..b", id="dollar-and"),
        pytest.param({"pattern": "b", "replacement": "[$`|$']"}, "abc", "a[a|c]c", id="around"),
        pytest.param({"pattern": "b", "replacement": "$$1"}, "abc", "a$1c", id="dollar-dollar"),
        pytest.param({"pattern": "b", "replacement": "$1"}, "abc", "a$1c", id="no-group"),
        pytest.param({"pattern": "É", "ignorecase": True}, "aéÉb", "ab", id="accents-fold"),
        pytest.param(
            {"pattern": "i", "ignorecase": True},
            "\u0131\u0130iI",
            "\u0131\u0130",
            id="turkish-i-stays",
        ),
        pytest.param({"pattern": "s", "ignorecase": True}, "\u017fsS", "\u017f", id="long-s-stays"),
        pytest.param({"pattern": "a", "global": False}, "aaa", "aa", id="first-only"),
        pytest.param({"pattern": "a", "replacement": "b", "pattern2": "b"}, "ab", "", id="chained"),
        pytest.param({"pattern": "1"}, 1.10, ".", id="number-as-javascript-prints-it"),
        pytest.param({"pattern": "x"}, Decimal("1E+3"), "1000", id="decimal"),
        pytest.param({"pattern": "x"}, 2**63 - 1, "9223372036854775807", id="every-digit"),
        pytest.param({"pattern": "x"}, ["x"], "", id="list-is-nothing"),
    ],
)
def test_replace_works_as_in_javascript(arguments: Any, text: Any, expected: str) -> None:
    """Patterns are literal, replacements expand, and case folds one character for one."""
    assert replaced(text, **arguments) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"b": 1, "2": 0, "10": None}, '{"2":0,"10":null,"b":1}', id="integer-keys"),
        pytest.param([1.0, 1e21, 1e-7, -0.0], "[1,1e+21,1e-7,0]", id="numbers"),
        pytest.param([2**60, Decimal("1.10")], "[1152921504606846976,1.1]", id="exact-numbers"),
        pytest.param([float("nan"), float("inf")], "[null,null]", id="not-finite"),
        pytest.param("é\n\u2028\x01\ud800", '"é\\n\u2028\\u0001\\ud800"', id="escapes"),
    ],
)
def test_json_text_is_javascripts(value: Any, expected: str) -> None:
    """Encoding prints what JSON.stringify prints, except that exact numbers stay exact."""
    assert made({"@json": {"mode": "encode", "value": {"@path": "$.x"}}}, {"x": value}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("12345678901234567890", 12345678901234567890, id="long-integer"),
        pytest.param("0.12345678901234567890", Decimal("0.12345678901234567890"), id="long-real"),
        pytest.param("1.50", 1.5, id="plain-real"),
        pytest.param("2e2", 200, id="exponent"),
        pytest.param("1e999", float("inf"), id="too-large"),
        pytest.param("-0.0", 0, id="minus-zero"),
        pytest.param("1e-999999999999999999999", 0, id="underflow"),
        pytest.param("NaN", "NaN", id="no-json"),
        pytest.param(" [1] ", [1], id="white-space"),
        pytest.param("{oops", "{oops", id="broken"),
    ],
)
def test_decoded_json_keeps_every_digit(text: str, expected: Any) -> None:
    """Decoding never rounds a number, and gives back what is no JSON."""
    value = made({"@json": {"mode": "decode", "value": {"@path": "$.x"}}}, {"x": text})

    assert value == expected
    assert type(value) is type(expected)


def test_too_deep_json_fails_the_row_only() -> None:
    """A text with a hundred thousand brackets is a failed row, not a crash."""
    with pytest.raises(MappingError, match="nested too deeply"):
        made({"@json": {"mode": "decode", "value": {"@path": "$.x"}}}, {"x": "[" * 100_000})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "no"),
        (Decimal(0), "no"),
        (False, "no"),
        ("", "no"),
        ([], "no"),
        ([None], "no"),
        ([[""]], "no"),
        ([0], "yes"),
        ({}, "yes"),
        (" ", "yes"),
        ("0", "yes"),
        ([1, 2], "yes"),
    ],
)
def test_blank_means_loosely_empty_and_its_name_is_inverted(value: Any, expected: str) -> None:
    """`then` is taken by values that JavaScript does not find loosely equal to nothing."""
    directive = {"@if": {"blank": {"@path": "$.x"}, "then": "yes", "else": "no"}}

    assert made(directive, {"x": value}) == expected


def test_a_text_put_into_a_template_is_never_a_template() -> None:
    """A row's own braces stay as they are."""
    row = {"a": "{{b}}", "b": "secret"}

    assert made({"@template": "{{{a}}}|{{a}}"}, row) == "{{b}}|{{b}}"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{l}}", "1,x,,true"),
        ("{{o}}", "[object Object]"),
        ("{{f}} {{d}} {{i}}", "1e+21 0.1 9007199254740993"),
        ("{{a.b}}{ {c} }", "{ {c} }"),
        ("100%{{t}}{}", "100%true{}"),
    ],
)
def test_templates_print_values_as_javascript_does(template: str, expected: str) -> None:
    """Lists are joined by commas, objects have no text, numbers keep their digits."""
    row = {"l": [1, "x", None, True], "o": {}, "f": 1e21, "d": Decimal("0.10"), "i": 2**53 + 1}

    assert made({"@template": template}, {**row, "t": True}) == expected


def test_a_value_without_text_fails_the_row() -> None:
    """Bytes in a template are refused with a sentence."""
    with pytest.raises(MappingError, match="a bytes has no text form"):
        made({"@template": "{{x}}"}, {"x": b"\x00"})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.t.length", 3),
        ("$.t[1]", "\ude00"),
        ("$.l.length", 2),
        ("$.l[9]", "missing"),
        ("$.l[-1]", "missing"),
        ("$.l.01", "missing"),
        ("$.n.toString", "missing"),
        ("$.z.anything", 0),
        ("$.o['k.k']", "missing"),
    ],
)
def test_paths_walk_like_property_access(path: str, expected: Any) -> None:
    """Texts and lists have a length and items; falsy values answer for what is beyond them."""
    row = {"t": "\U0001f600!", "l": [1, 2], "n": 7, "z": 0, "o": {"k.k": 1}}

    assert made({"@path": path}, row) == expected


def test_a_missing_operand_of_merge_hides_what_came_before() -> None:
    """As at Segment, a field that is there but missing wins over an earlier one and is left out."""
    directive = {
        "@merge": {"direction": "right", "objects": [{"a": 1, "b": 1}, {"a": {"@path": "$.no"}}]}
    }

    assert made(directive, {}) == {"b": 1}


def test_python_functions_get_the_columns_and_fail_alone() -> None:
    """`@python` is called with the row's columns; an exception fails that row with its sentence."""
    assert made({"@python": "json:dumps"}, {"a": 1}) == '{"a": 1}'
    with pytest.raises(MappingError, match=r"operator:index raised TypeError"):
        made({"@python": "operator:index"}, {"a": 1})


def test_each_row_gets_its_own_literal_containers() -> None:
    """Changing one result shows in no other result."""
    mapping = Mapping.parse({"a": {"l": [1], "o": {"@literal": {"x": {}}}}})
    first, second = mapping.evaluate({}), mapping.evaluate({})
    first["a"]["l"].append(2)
    first["a"]["o"]["x"]["y"] = 1

    assert second == {"a": {"l": [1], "o": {"x": {}}}} == mapping.evaluate({})
