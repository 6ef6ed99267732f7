"""Triggers beyond what Segment's own evaluator gets right."""

from decimal import Decimal
from typing import Any

import pytest

from segment_assets.errors import MappingError
from segment_assets.mapping import Trigger

EVENT: dict[str, Any] = {
    "type": "track",
    "event": "Order Completed",
    "messageId": "m-1",
    "userId": None,
    "plan": "pro",
    "properties": {
        "total": 20,
        "price": Decimal("19.99"),
        "ok": True,
        "no": False,
        "tags": ["new", 5, None],
        "product 1": {"price": "x"},
        "a.b": 1,
        "text": "ア a",
        "num": "12.5",
    },
}


@pytest.mark.parametrize(
    ("fql", "expected"),
    [
        ("messageId = 'm-1'", True),
        ('plan in ["free", "pro"]', True),
        ("'new' in properties.tags and 5 in properties.tags", True),
        ("null in properties.tags", True),
        ("'5' in properties.tags", False),
        ("properties.total in [1, 20.0]", True),
        ("properties.total in []", False),
        ('!(plan in ["free"])', True),
        ("not plan = 'free'", True),
        ("!properties.no and properties.ok", True),
        ("properties.missing", False),
        ("properties.price = 19.99", True),
        ("properties.price < 19.995 and 19.98 < properties.price", True),
        ("properties.total != 5", True),
        ("properties.missing != 5", False),
        ("properties.missing != 'x'", True),
        ("userId = null and properties.missing = null", True),
        ("length(properties.text) = 5", True),
        ("length(userId) > 0", False),
        ("length(properties.tags) = 3", True),
        ("lowercase(event) = 'order completed'", True),
        ("lowercase(userId) = null", True),
        ("snakecase(event) = 'Order_Completed'", True),
        ("kebabcase(lowercase(event)) = 'order-completed'", True),
        ("titlecase('ab cd') = 'Ab Cd' and uppercase(plan) = 'PRO'", True),
        ("typeof(properties.tags) = 'list' and typeof(x) = 'null'", True),
        ("number(properties.num) >= 12.5 and number('x') = null", True),
        ("string(properties.total) = '20'", True),
        ("bool(properties.total)", True),
        (r"properties.product\ 1.price = 'x' and properties.a\.b = 1", True),
        ("match(event, 'Order*')", True),
        ("match(event, 'O*r*d')", True),
        ("match(event, '*C?mpleted')", True),
        ("match(event, 'Order [A-D]ompleted')", True),
        ("match(event, 'Order [^A-D]*')", False),
        (r"match('a*c', 'a\*c') and !match('abc', 'a\*c')", True),
        ("match(userId, '*')", False),
        ("!match(userId, 'x*')", False),
        ("!(match(userId, 'x*'))", True),
        ("!contains(properties.total, 'x')", False),
        ("contains(event, 'Completed') and !contains(event, plan)", True),
        ("type = 'x' or plan = 'pro' and event = 'y'", False),
        ("type = 'track' or plan = 'pro' and event = 'y'", True),
        ("(type = 'track' or plan = 'pro') and event = 'y'", False),
        ("type = 'track' and (event = 'x' or (plan = 'pro' and !(userId != null)))", True),
        ("properties.ok = true and properties.ok != false and properties.no != true", True),
        ("properties.ok = 1", False),
        ("properties.tags = ['new', 5, null]", True),
        ("properties.total > '5'", False),
        ("true", True),
    ],
)
def test_a_trigger_answers(fql: str, expected: bool) -> None:  # noqa: FBT001 - a row of the table
    """Full FQL, with its precedence and strict types, answers as its documentation says."""
    assert Trigger.parse(fql).matches(EVENT) is expected


@pytest.mark.parametrize(
    ("fql", "sentence"),
    [
        ("", "a trigger can't be empty: leave it out to send every record (column 1)"),
        ("type =", "expected a field, a value or a function but found the end (column 7)"),
        ("type = 'a", "the text that starts with ' is not closed (column 8)"),
        ("type = 'a' AND plan = 'b'", "write 'and' in lower case (column 12)"),
        ("type == 'a'", "expected a field, a value or a function but found '=' (column 7)"),
        ("type = 'a' && plan", 'write "and" and "or" instead of && and || (column 12)'),
        ("(type = 'a'", "expected ')' but found the end (column 12)"),
        ("lenght(plan) = 1", "unknown function 'lenght'"),
        ("contains(plan)", "contains takes 2 values but got 1 (column 1)"),
        ("match(plan, '[a')", "a class that starts with [ is not closed (column 13)"),
        ("match(plan, 5)", "match needs a text as its second value (column 13)"),
        ("'text'", "a text, number or list alone is no condition (column 1)"),
        ("0", "a text, number or list alone is no condition (column 1)"),
        ("length(plan)", "expected a condition: compare the value with something (column 1)"),
        ("properties..x = 1", "'properties..x' has a dot with no name after it (column 1)"),
        ("properties.$ = 1", "unexpected '$' after 'properties.' (column 12)"),
        ("plan = 'a' plan = 'b'", 'expected "and", "or" or the end but found \'plan\' (column 12)'),
        ("(" * 51 + "true" + ")" * 51, "is nested more than 50 levels deep (column 51)"),
        ("a = 1 or " * 2000 + "true", "a trigger has at most 10000 characters"),
    ],
)
def test_an_invalid_trigger_fails_when_it_is_parsed(fql: str, sentence: str) -> None:
    """The sentence says what was expected and at which column."""
    with pytest.raises(MappingError) as caught:
        Trigger.parse(fql)

    ((path, found),) = caught.value.problems
    assert path == "trigger"
    assert sentence in found


def test_a_long_chain_of_conditions_needs_no_depth() -> None:
    """Length alone never meets the recursion limit."""
    fql = " or ".join(["a = 1"] * 1000)

    assert Trigger.parse(fql).matches({"a": 1})


def test_a_hostile_pattern_is_matched_in_bounded_time() -> None:
    """Stars never make matching exponential."""
    trigger = Trigger.parse("match(text, '" + "*a[ab]" * 15 + "b')")

    assert trigger.matches({"text": "a" * 2000}) is False
