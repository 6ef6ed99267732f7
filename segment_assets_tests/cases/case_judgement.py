"""Whether what a run did is what a case expects."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from segment_assets_tests.cases.case_run import Found

#: Objects in a call that may as well be left out when they are empty.
_OPTIONAL: Final = ("context", "properties", "traits")


def sent_form(call: Mapping[str, Any], *, has_message_id: bool) -> dict[str, Any]:
    """Return a call without what isn't compared."""
    left_out = {"sentAt", "writeKey"} | (set() if has_message_id else {"messageId"})
    made = {name: value for name, value in call.items() if name not in left_out}
    context = {k: v for k, v in made.get("context", {}).items() if k != "library" and v != {}}
    made |= {"context": context} if "context" in made else {}
    return {name: v for name, v in made.items() if name not in _OPTIONAL or v != {}}


def spelled_out(value: Any) -> Any:
    """Return an expected value with its typed parts replaced by what they stand for."""
    if isinstance(value, dict) and "$type" in value:
        if value["$type"] == "repeat":
            return value["value"] * value["times"]
        assert value["$type"] == "exact_number"
        return Decimal(value["value"])
    if isinstance(value, dict):
        return {name: spelled_out(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [spelled_out(inner) for inner in value]
    return Decimal(repr(value)) if isinstance(value, float) else value


def same(left: Any, right: Any) -> bool:
    """Compare as JSON values: numbers by value, and neither text nor booleans are numbers."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def leaves(value: Any) -> Iterator[Any]:
    """Yield every value of a call that is neither object nor list."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


def by_user(calls: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort by user: lanes keep the order of one user's calls, not that of all rows."""
    return sorted(calls, key=lambda call: (call.get("userId", ""), call.get("anonymousId", "")))


def judge(expect: Mapping[str, Any], found: Found, keys: Sequence[str | None]) -> list[str]:
    """Return what differs from the expected outcome of one run; `keys` are those of its rows."""
    if "error" in expect:
        code, told = found.error and found.error.code, str(found.error)
        is_right = code == expect["error"]["code"] and expect["error"]["column"] in told
        return [] if is_right and not found.tried else [f"not refused as expected: {told}"]
    if found.error is not None:
        return [f"refused: {found.error}"]
    wanted = [spelled_out(call) for call in expect.get("calls", [])]
    has_ids = any("messageId" in call for call in wanted)
    wanted = [sent_form(call, has_message_id=has_ids) for call in by_user(wanted)]
    calls = [sent_form(call, has_message_id=has_ids) for call in by_user(found.taken)]
    problems = [] if same(wanted, calls) else [f"wanted calls {wanted} but found {calls}"]
    rejected = {
        (None if told["reason"] == "null_key" else keys[told["row"]], told["reason"])
        for told in expect.get("rejected", [])
    }
    if set(found.rejected) != rejected:
        problems.append(f"wanted rejections {rejected} but found {found.rejected}")
    warned = {told["reason"] for told in expect.get("warnings", [])}
    if not warned <= set(found.warned):
        problems.append(f"wanted warnings {warned} but found {found.warned}")
    return problems + _judge_report(expect, found)


def _judge_report(expect: Mapping[str, Any], found: Found) -> list[str]:
    assert found.report is not None
    counts, owed = found.report.counts, len(expect.get("pending", []))
    problems = []
    for code in ("null_key", "duplicate_key"):
        rows = [told for told in expect.get("rejected", []) if told["reason"] == code]
        if found.planned[code] != len(rows):
            problems.append(f"wanted {len(rows)} rows of {code} but found {found.planned[code]}")
    if counts["pending"] + counts["uncertain"] != owed or found.report.finished is bool(owed):
        problems.append(f"wanted {owed} pending records but found {counts}")
    if counts["accepted"] != len(found.taken):
        problems.append(f"{len(found.taken)} calls were taken, but the report has {counts}")
    return problems
