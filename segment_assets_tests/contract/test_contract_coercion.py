"""Typed fields: what Segment's validator makes of a value is what is sent."""

import functools
from decimal import Decimal
from typing import Any

import pytest

from segment_assets.contract import Contract
from segment_assets.handoff import MISSING

#: A schema takes a while to build, and a contract holds no state: each is made once.
contract_of = functools.cache(Contract)
ABSENT = "(absent)"  # a text, so that the names of tests are equal in every process
NAN = float("nan")


def sent(action: Any, fields: Any, *path: Any) -> Any:
    """Send one row and return what stands at a path of its call, or ABSENT."""
    checked = contract_of(action).check({key: [value] for key, value in fields.items()}, 1)
    assert not checked.violations, checked.violations
    node = checked.calls[0]
    for name in path:
        if name not in node:
            return ABSENT
        node = node[name]
    return node


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (7.0, "7"), (1.5, "1.5"), (True, "true"), (False, "false"),
        (1844743171901218817, "1844743171901218817"), (2**70, "1180591620717411303424"),
        (Decimal(42), "42"), (Decimal("1E+3"), "1000"), (Decimal("7.0"), "7"),
        ("00123", "00123"), ("1e5", "1e5"), (" padded ", " padded "), (["x"], "x"), ([1], "1"),
        ("Zoé 東京", "Zoé 東京"),
    ],
    ids=repr,
)  # fmt: skip
def test_an_id_is_the_text_that_javascript_prints(value: Any, text: Any) -> None:
    """Numbers and booleans become text with every digit; text is opaque."""
    assert sent("identify", {"user_id": value}, "userId") == text


@pytest.mark.parametrize("value", [None, MISSING, "", "  ", "\ufeff", NAN, Decimal("NaN"), [None]])
def test_an_id_of_nothing_is_not_sent(value: Any) -> None:
    """Null, NaN, empty and blank ids are absent, and the other id is enough."""
    fields = {"user_id": value, "anonymous_id": "a"}

    assert sent("identify", fields, "userId") is ABSENT
    assert sent("identify", fields, "anonymousId") == "a"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ABSENT),
        (None, ABSENT),
        (NAN, ABSENT),
        (" ", " "),
        ([None], ""),
        ([""], ""),
        (0.1, "0.1"),
    ],
    ids=repr,
)
def test_root_text_drops_the_empty_and_keeps_the_rest(value: Any, text: Any) -> None:
    """An empty text at the root is dropped; null in a one-element list becomes an empty text."""
    assert sent("page", {"user_id": "u", "locale": value}, "context", "locale") == text


@pytest.mark.parametrize(
    ("value", "text"), [("", ""), (None, ABSENT), (1, "1"), ([True], "true")], ids=repr
)
def test_nested_text_keeps_the_empty(value: Any, text: Any) -> None:
    """Inside a closed object an empty text is kept, null is dropped."""
    fields = {"user_id": "u", "application": {"name": value}}

    assert sent("page", fields, "context", "app", "name") == text


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3), (1.5, 1.5), ("59.91", 59.91), ("0012", 12), (" ", 0), ("0x10", 16), (".5", 0.5),
        ("1e3", 1000), (True, 1), (False, 0), ([None], 0), ([True], 1), ([" 7\n"], 7),
        (Decimal("19.90"), 19.9), (Decimal(5), 5), ("", ABSENT), (None, ABSENT), (NAN, ABSENT),
    ],
    ids=repr,
)  # fmt: skip
def test_numbers_are_read_as_javascript_reads_them(value: Any, number: Any) -> None:
    """Numeric text and booleans become numbers, never the other way round."""
    fields = {"user_id": "u", "location": {"speed": value}}
    found = sent("page", fields, "context", "location", "speed")

    assert found == number
    assert type(found) is not bool


@pytest.mark.parametrize("value", ["1_000", "٣", "1,5", "0x", "--1", "Infinity", "1 2", [], [[1]]])
def test_text_that_is_no_number_is_refused(value: Any) -> None:
    """What Python would take but JavaScript would not is not a number."""
    checked = Contract("page").check({"user_id": ["u"], "screen": [{"width": value}]}, 1)

    assert [v.code for v in checked.violations] == ["invalid_type"]


def test_a_number_beyond_doubles_is_rounded_only_with_a_warning() -> None:
    """A field that takes numbers only gets the nearest double, and the row says so."""
    checked = Contract("page").check({"user_id": ["u"], "screen": [{"width": 2**53 + 1}]}, 1)

    assert checked.calls[0]["context"]["screen"] == {"width": 2.0**53}
    assert [w.code for w in checked.warnings] == ["lossy_number"]
    assert "nearest double" in checked.warnings[0].message


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        (True, True), (False, False), ("true", True), ("false", False), (1, True), (0, False),
        (1.0, True), (Decimal(0), False), ([None], False), ([1], True), ("", ABSENT),
        (None, ABSENT), (NAN, ABSENT),
    ],
    ids=repr,
)  # fmt: skip
def test_booleans_are_read_strictly(value: Any, flag: Any) -> None:
    """Only true, false, 1 and 0 and their texts are booleans."""
    fields = {"user_id": "u", "network": {"wifi": value}}

    assert sent("page", fields, "context", "network", "wifi") == flag


@pytest.mark.parametrize("value", ["TRUE", "yes", " ", 2, 0.5, [""], [], {}, [[True]]], ids=repr)
def test_what_is_no_boolean_is_refused(value: Any) -> None:
    """Near misses are refused instead of guessed."""
    checked = Contract("page").check({"user_id": ["u"], "network": [{"wifi": value}]}, 1)

    assert [v.code for v in checked.violations] == ["invalid_type"]


def test_unknown_keys_of_closed_objects_are_dropped_and_open_ones_kept() -> None:
    """Closed objects take their sub-fields only; fields of other actions are left out too."""
    fields = {
        "user_id": "u",
        "device": {"id": "d", "unknown": 1, "advertising_id": "7A", "adTracking_Enabled": "true"},
        "traits": {"a": {"b": [1, None, {"c": ""}]}, "n": None},
        "page_name": "no field of identify",
    }

    assert sent("identify", fields) == {
        "type": "identify",
        "userId": "u",
        "context": {"device": {"id": "d", "advertisingId": "7A", "adTrackingEnabled": True}},
        "traits": {"a": {"b": [1, None, {"c": ""}]}, "n": None},
    }


def test_a_page_call_copies_its_page_and_names_into_the_properties() -> None:
    """The user's own properties win over copied ones, nulls included."""
    fields = {
        "user_id": "u", "page_name": "Pricing", "page_category": "Docs",
        "page": {"url": "p1", "title": "p2"}, "properties": {"title": None, "category": "mine"},
    }  # fmt: skip

    assert sent("page", fields, "properties") == {
        "name": "Pricing", "category": "mine", "url": "p1", "title": None,
    }  # fmt: skip
    assert sent("page", fields, "context", "page") == {"url": "p1", "title": "p2"}


def test_an_address_replaces_the_one_among_the_traits() -> None:
    """The whole address is replaced, other traits stay, and the row in hand isn't changed."""
    traits = {"plan": "pro", "address": {"city": "Lyon", "zip": "69001"}}
    fields = {"user_id": "u", "traits": traits, "address": {"city": "Paris", "zip": "x"}}

    assert sent("identify", fields, "traits") == {"plan": "pro", "address": {"city": "Paris"}}
    assert traits["address"] == {"city": "Lyon", "zip": "69001"}


def test_an_alias_call_joins_two_ids() -> None:
    """Alias has both ids at the top and the common context."""
    fields = {"user_id": "u", "previous_id": 7, "locale": "nb", "traits": {"no": "field"}}

    assert sent("alias", fields) == {
        "type": "alias", "userId": "u", "previousId": "7", "context": {"locale": "nb"},
    }  # fmt: skip


def test_consent_is_absent_unless_mapped_and_null_means_no() -> None:
    """A null category is a no; other keys of the consent object are sent along."""
    consent = {"categoryPreferences": {"ads": True, "analytics": None}, "version": None}

    assert sent("track", {"user_id": "u", "event_name": "e"}, "context", "consent") is ABSENT
    assert sent(
        "track", {"user_id": "u", "event_name": "e", "consent": consent}, "context", "consent"
    ) == {"categoryPreferences": {"ads": True, "analytics": False}, "version": None}
