"""Each reason code of the contract has a value that causes it, and a sentence that helps."""

import base64
import functools
from decimal import Decimal
from typing import Any

import pandera.config
import pytest

from segment_assets.codes import CODES
from segment_assets.contract import Contract, encode
from segment_assets.errors import MappingError
from segment_assets.handoff import MISSING, Fault

#: A schema takes a while to build, and a contract holds no state: each is made once.
contract_of = functools.cache(Contract)
BYTES = base64.b64decode("3q2+7w==")
#: code, action, the row's fields, the field that is blamed
CASES = [
    ("missing_id", "identify", {"user_id": None, "anonymous_id": "  "}, "user_id"),
    ("missing_id", "alias", {"previous_id": "p", "anonymous_id": "a"}, "user_id"),
    ("missing_group_id", "group", {"user_id": "u", "group_id": ""}, "group_id"),
    ("missing_event_name", "track", {"user_id": "u", "event_name": " \t"}, "event_name"),
    ("missing_event_name", "track", {"user_id": "u"}, "event_name"),
    ("missing_previous_id", "alias", {"user_id": "u"}, "previous_id"),
    ("placeholder_id", "identify", {"user_id": "NaN"}, "user_id"),
    ("placeholder_id", "identify", {"user_id": " [object Object] "}, "user_id"),
    ("placeholder_id", "page", {"user_id": "u", "group_id": "<NA>"}, "group_id"),
    ("lossy_id", "identify", {"user_id": 2.0**53}, "user_id"),
    ("lossy_id", "identify", {"user_id": "u", "message_id": [-1e300]}, "message_id"),
    ("invalid_type", "identify", {"user_id": {"a": 1}}, "user_id"),
    ("invalid_type", "page", {"user_id": "u", "location": {"speed": "fast"}}, "location.speed"),
    ("invalid_type", "page", {"user_id": "u", "network": {"wifi": "yes"}}, "network.wifi"),
    ("invalid_type", "page", {"user_id": "u", "properties": '{"a": 1}'}, "properties"),
    ("invalid_type", "page", {"user_id": "u", "device": "ios"}, "device"),
    ("invalid_timestamp", "page", {"user_id": "u", "timestamp": "yesterday"}, "timestamp"),
    ("invalid_timestamp", "page", {"user_id": "u", "timestamp": 1700000000}, "timestamp"),
    ("invalid_consent", "page", {"user_id": "u", "consent": {}}, "consent.categoryPreferences"),
    ("invalid_consent", "page",
     {"user_id": "u", "consent": {"categoryPreferences": {"ads": "true"}}},
     "consent.categoryPreferences.ads"),
    ("invalid_text", "page", {"user_id": "a\0b"}, "user_id"),
    ("invalid_text", "page", {"user_id": "u", "locale": "half \ud83d"}, "locale"),
    ("invalid_text", "page", {"user_id": "u", "page": {"url": "a\0"}}, "page.url"),
    ("invalid_text", "page", {"user_id": "u", "properties": {"a": {"b": ["\udc00"]}}},
     "properties.a.b[0]"),
    ("invalid_text", "page", {"user_id": "u", "properties": {"a\0": 1}}, "properties"),
    ("non_finite_number", "page", {"user_id": "u", "properties": {"a": float("-inf")}},
     "properties.a"),
    ("non_finite_number", "page", {"user_id": float("inf")}, "user_id"),
    ("non_finite_number", "page", {"user_id": "u", "screen": {"width": Decimal("Infinity")}},
     "screen.width"),
    ("unserialisable_value", "page", {"user_id": BYTES}, "user_id"),
    ("unserialisable_value", "page", {"user_id": "u", "properties": {"h": BYTES}}, "properties.h"),
    ("unserialisable_value", "page", {"user_id": "u", "properties": {"m": {1: "a"}}},
     "properties.m"),
    ("unserialisable_value", "page", {"user_id": "u", "network": {"wifi": BYTES}}, "network.wifi"),
    ("unserialisable_value", "page", {"user_id": "u", "page": object()}, "page"),
    ("message_id_too_long", "page", {"user_id": "u", "message_id": "k" * 101}, "message_id"),
]  # fmt: skip


def check_row(action: Any, row: Any, **options: Any) -> Any:
    """Check one row given as a dict of fields."""
    return contract_of(action, **options).check({key: [value] for key, value in row.items()}, 1)


@pytest.mark.parametrize(
    ("code", "action", "row", "field"),
    CASES,
    ids=[f"{n}-{c[0]}-{c[3]}" for n, c in enumerate(CASES)],
)
def test_a_broken_rule_rejects_its_row_with_code_field_and_sentence(
    code: Any, action: Any, row: Any, field: Any
) -> None:
    """The row is not sent, and the sentence names field, finding, rule and remedy in short."""
    checked = check_row(action, row)

    assert checked.calls == [None]
    assert [(v.row, v.code, v.field) for v in checked.violations] == [(0, code, field)]
    violation = checked.violations[0]
    assert violation.message.startswith(f"{field} is {violation.found}: ")
    assert len(violation.found) <= 60
    assert len(violation.message) < 400
    assert violation.message.encode()


def test_every_row_code_that_the_contract_can_give_has_a_case() -> None:
    """The table above is complete: other row codes are decided outside the contract."""
    outside = {
        "nonexistent_time", "function_failed", "duplicate_message_id", "null_key",
        "duplicate_key", "rejected_by_api", "event_too_large",
    }  # fmt: skip
    row_codes = {name for name, code in CODES.items() if code.scope == "row"}

    assert {case[0] for case in CASES} == row_codes - outside


@pytest.mark.parametrize(
    ("row", "hint"),
    [
        ({"timestamp": 1700000000}, "an epoch number is not guessed at"),
        ({"traits": '{"a": 1}'}, "@json"),
        ({"traits": {"a": b"x"}}, "base64"),
    ],
    ids=["epoch", "json text", "bytes"],
)
def test_a_sentence_carries_the_hint_that_mends_the_value(row: Any, hint: Any) -> None:
    """Where a value has a usual cause, the sentence says how it is mended."""
    checked = check_row("identify", {"user_id": "u", **row})

    assert hint.lower() in checked.violations[0].message.lower()


def test_a_row_gets_all_its_codes_and_stops_no_other() -> None:
    """Checks are lazy: one row shows every fault at once, and its neighbours are sent."""
    checked = Contract("track").check(
        {
            "user_id": ["u0", [1, 2], "u2"],
            "event_name": ["a", None, "c"],
            "timestamp": [None, "x", None],
            "properties": [{}, {"a": "\0"}, {"b": 1}],
        },
        3,
    )

    assert {v.code for v in checked.violations} == {
        "invalid_type", "missing_event_name", "invalid_timestamp", "invalid_text",
    }  # fmt: skip
    assert {v.row for v in checked.violations} == {1}
    assert [call is None for call in checked.calls] == [False, True, False]


def test_a_wrong_id_is_not_called_missing_as_well() -> None:
    """An id that is there but wrong has one code, its own."""
    checked = check_row("identify", {"user_id": ["a", "b"]})

    assert [v.code for v in checked.violations] == ["invalid_type"]


def test_a_fault_rejects_its_row_with_its_own_code_wherever_it_stands() -> None:
    """A value that could not be made carries its code to the row, also from inside an object."""
    fault = Fault("nonexistent_time", "02:30 does not exist that day")
    checked = Contract("identify").check(
        {
            "user_id": [fault, "u", "u", "u"],
            "traits": [{}, {"a": [fault]}, fault, {}],
            "device": [MISSING, None, {}, {"id": fault}],
        },
        4,
    )

    assert [(v.row, v.code, v.field) for v in checked.violations] == [
        (0, "nonexistent_time", "user_id"),
        (1, "nonexistent_time", "traits.a[0]"),
        (2, "nonexistent_time", "traits"),
        (3, "nonexistent_time", "device.id"),
    ]
    assert checked.violations[0].message == fault.message


def test_placeholder_ids_can_be_allowed_per_destination() -> None:
    """The switch lets such ids through, and nothing else."""
    checked = check_row("identify", {"user_id": "null"}, allow_placeholder_ids=True)

    assert checked.calls[0]["userId"] == "null"
    assert not checked.violations


def test_warnings_do_not_stop_a_row() -> None:
    """Lossy numbers and untrimmed ids are told and sent."""
    checked = check_row("identify", {"user_id": " u", "traits": {"n": 2**53 + 1}})

    assert checked.calls[0]["userId"] == " u"
    assert checked.calls[0]["traits"] == {"n": "9007199254740993"}
    assert [(w.code, w.field) for w in checked.warnings] == [
        ("untrimmed_id", "user_id"), ("lossy_number", "traits.n"),
    ]  # fmt: skip
    assert not checked.violations


def test_a_message_id_of_exactly_100_characters_is_sent() -> None:
    """The limit itself is allowed."""
    assert check_row("page", {"user_id": "u", "message_id": "k" * 100}).calls[0] is not None


def test_integrations_are_sent_as_given_or_refused_at_once() -> None:
    """The constant goes to the top of each call; one that isn't JSON is a mistake."""
    constant = {"All": False, "Salesforce": True}
    checked = Contract("identify", integrations=constant).check({"user_id": ["u"]}, 1)

    assert checked.calls[0]["integrations"] == constant
    with pytest.raises(MappingError, match=r"integrations\.Salesforce"):
        Contract("identify", integrations={"Salesforce": b"x"})


def test_the_contract_holds_where_the_environment_turns_pandera_off() -> None:
    """Pandera's own off switch would let every row pass in silence."""
    with pandera.config.config_context(validation_enabled=False):
        checked = check_row("identify", {"user_id": None})

    assert checked.calls == [None]


def test_no_rows_are_no_calls() -> None:
    """An empty chunk is fine."""
    checked = Contract("identify").check({"user_id": [], "traits": []}, 0)
    payload, violations = encode(checked)

    assert (checked.calls, len(payload), violations) == ([], 0, [])
