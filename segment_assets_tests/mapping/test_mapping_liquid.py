"""`@liquid` within Segment's limits, printing as its engine does."""

from decimal import Decimal
from typing import Any

import pytest

from segment_assets.errors import MappingError
from segment_assets.mapping import Mapping

ROW: dict[str, Any] = {
    "amt": 19.99,
    "n": "12.50",
    "big": 2**60 + 1,
    "dec": Decimal("0.10"),
    "neg": -3.5,
    "name": "Ann B",
    "list": [{"sku": "A", "qty": 1}, {"sku": "B", "qty": 2}],
    "scal": [1, "two", None, True],
    "obj": {"a": 1.0},
    "d": "2024-03-05T01:02:03+02:00",
    "nil": None,
    "html": "<b>x & y</b>",
}


def rendered(template: str, row: dict[str, Any] | None = None) -> Any:
    """Render one template."""
    return Mapping.parse({"o": {"@liquid": template}}).evaluate(ROW if row is None else row)["o"]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ amt | plus: 1 }}", "20.99"),
        ("{{ n | plus: 1 }}{{ 'x' | plus: 1 }}{{ nil | plus: 1 }}", "13.511"),
        ("{{ 10 | divided_by: 4 }}|{{ 10 | divided_by: 5 }}|{{ 1 | divided_by: 0 }}",
         "2.5|2|Infinity"),
        ("{{ 10 | divided_by: 3, true }}", "3"),
        ("{{ -7 | modulo: 3 }}", "2"),
        ("{{ neg | round }}{{ 1.005 | round: 2 }}", "-41.01"),
        ("{{ 3.0 }}{{ big }}{{ dec | plus: 0.2 }}", "311529215046068469770.3"),
        ("{{ list }}", "[object Object][object Object]"),
        ("{{ scal }}|{{ scal | join: '-' }}", "1twotrue|1-two--true"),
        ("{{ obj | json }}{{ nil | json }}{{ missing | json }}", '{"a":1}null'),
        ("{{ name | slice: -3, 2 }}{{ name | truncate: 4 }}{{ name[0] }}", "n A...A"),
        ("{{ 'a,b,,' | split: ',' | size }}{{ list | where: 'sku', 'A' | size }}", "21"),
        ("{{ list | sum: 'qty' }}{{ scal | first }}{{ scal | last }}", "31true"),
        ("{{ html | escape }}|{{ html | strip_html }}", "&lt;b&gt;x &amp; y&lt;/b&gt;|x & y"),
        ("{{ name | url_encode }}", "Ann+B"),
        ("{{ d | date: '%Y-%m-%d %H:%M %-d %b %z %Q' }}", "2024-03-04 23:02 4 Mar +0000 %Q"),
        ("{{ 1700000000 | date: '%s' }}{{ 'n/a' | date: '%Y' }}", "1700000000n/a"),
        ("{% capture x %}{{ name }}!{% endcapture %}{{ x | upcase }}", "ANN B!"),
        ("{% if nil == nil and amt > 10 %}y{% endif %}{% if nil > 1 %}n{% endif %}", "y"),
        ("{{ now }}{{ today }}", ""),
    ],
)  # fmt: skip
def test_liquid_prints_as_segments_engine(template: str, expected: str) -> None:
    """Numbers, lists and dates come out as JavaScript's engine prints them, in UTC."""
    assert rendered(template) == expected


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("{% for x in list %}{{ x }}{% endfor %}", "for"),
        ("{% include 'x' %}", "include"),
        ("{% case a %}{% endcase %}", "case"),
        ("{{ list | map: 'sku' }}", "switched off: map"),
        ("{{ list | sort | uniq }}", "switched off: sort, uniq"),
        ("{{ open", "can't be parsed as Liquid"),
    ],
)
def test_what_segment_switches_off_is_refused(template: str, sentence: str) -> None:
    """Loops, includes and the filters of the list are refused when the mapping is parsed."""
    with pytest.raises(MappingError, match=sentence):
        Mapping.parse({"o": {"@liquid": template}})


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("{{ 'now' | date: '%s' }}", "the time of day"),
        ("{{ 'March 5, 2024' | date: '%Y' }}", "ISO 8601"),
        ("{{ d | date: '%c' }}", "spell it out"),
        ("{% if name > 10 %}x{% endif %}", "not supported between"),
    ],
)
def test_what_would_differ_from_run_to_run_fails_the_row(template: str, sentence: str) -> None:
    """A rendering depends on the row alone, and never guesses."""
    with pytest.raises(MappingError, match=sentence):
        rendered(template)


@pytest.mark.parametrize(
    "template",
    [
        "{% assign a = 'xxxxxxxxxx' %}" + "{% assign a = a | append: a %}" * 28,
        "{% assign a = n %}" + "{% capture a %}{{a}}{{a}}{{a}}{% endcapture %}" * 19,
        "{{ long | split: '' | join: long }}",
        "{{ long | replace: '', long }}",
    ],
    ids=["append", "capture", "join", "replace"],
)
def test_what_a_template_makes_is_bounded(template: str) -> None:
    """A template of a thousand characters can't fill the memory."""
    with pytest.raises(MappingError, match=r"more text than a template may|stream limit"):
        rendered(template, {"n": "0123456789", "long": "x" * 50_000})


def test_hostile_texts_take_no_time() -> None:
    """Unclosed tags and long digits are read in one pass."""
    row = {"tags": "<script>" * 20_000 + "<" * 20_000, "digits": "1" * 100_000 + "x"}

    assert rendered("{{ tags | strip_html | size }}", row) == "20000"
    assert rendered("{{ digits | plus: 1 }}", row) == "1"


def test_numbers_do_not_grow_without_bound() -> None:
    """Past JavaScript's largest number there is infinity."""
    assert rendered("{% assign a = 10 %}" + "{% assign a = a | times: a %}" * 30 + "{{ a }}") == (
        "Infinity"
    )
