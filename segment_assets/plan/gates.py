"""Gates: pure functions over a finished plan. A blocked plan sends nothing until it is approved."""

from collections.abc import Mapping
from typing import Final

from segment_assets.handoff import GateResult, Gates

#: A share blocks only from this many affected rows on: 1 of 3 is no trend.
SHARE_FROM_ROWS: Final = 100
_ALL_FROM: Final = 2


def evaluate_gates(
    gates: Gates, counts: Mapping[str, int], *, calls: int, new_users: int, deletes: bool
) -> tuple[GateResult, ...]:
    """Return contract, volume and budget verdicts. `deletes`: the mapping sends deleted records.

    A fourth, mapping, comes with a mapping whose earlier columns the model has no more.
    """
    verdicts = (
        _contract(gates, counts),
        _volume(gates, counts, deletes=deletes),
        _budget(gates, calls, new_users),
    )
    return (*verdicts, _mapping(counts["unmatched"])) if counts.get("unmatched") else verdicts


def is_blocked(results: tuple[GateResult, ...]) -> bool:
    """Say whether any gate blocks."""
    return any(result.status == "blocked" for result in results)


def _contract(gates: Gates, counts: Mapping[str, int]) -> GateResult:
    planned, rejected = counts["planned"], counts["rejected"]
    held, read = counts["null_key"] + counts["duplicate_key"], counts["read"]
    limit = gates.max_rejected_percent
    shares = (
        (rejected, planned, "planned record", "rejected"),
        (held, read, "row", "held for a null or duplicate key"),
    )
    for found, whole, noun, fate in shares:
        if limit is None or found * 100 <= limit * whole:
            continue
        if found == whole >= _ALL_FROM:
            return GateResult("contract", "blocked", f"all {found:,} {noun}s are {fate}")
        if found >= SHARE_FROM_ROWS:
            return GateResult(
                "contract",
                "blocked",
                f"{found:,} of {whole:,} {noun}s are {fate} ({found * 100 / whole:.1f} %); "
                f"max_rejected_percent allows {limit:g} %",
            )
    if rejected or held:
        told = [_told(found, whole, noun, fate) for found, whole, noun, fate in shares if found]
        rest = _rest(planned - rejected, is_all=not rejected)
        return GateResult("contract", "warning", f"{' and '.join(told)}; {rest}")
    if not planned:
        return GateResult("contract", "passed", "no record is planned")
    kept = f"all {planned:,} planned records keep" if planned > 1 else "the planned record keeps"
    return GateResult("contract", "passed", f"{kept} the contract")


def _told(found: int, whole: int, noun: str, fate: str) -> str:
    """Say how many of how many: `3 of 9 rows are held`."""
    if found == whole:
        return f"the only {noun} is {fate}" if whole == 1 else f"all {whole:,} {noun}s are {fate}"
    return f"{found:,} of {whole:,} {noun}s {'is' if found == 1 else 'are'} {fate}"


def _rest(count: int, *, is_all: bool) -> str:
    """Say what is left to send beside what is rejected or held."""
    if not count:
        return "there is nothing else to send"
    if count == 1:
        return f"the {'' if is_all else 'other '}planned record can be sent"
    return f"{'all' if is_all else 'the other'} {count:,} planned records can be sent"


def _volume(gates: Gates, counts: Mapping[str, int], *, deletes: bool) -> GateResult:
    live = counts["live_before"]
    shares = (
        ("deleted", "max_deleted_percent", gates.max_deleted_percent if deletes else None),
        ("updated", "max_changed_percent", gates.max_changed_percent),
    )
    for kind, name, limit in shares:
        found = counts[kind]
        if limit is None or not live or found < SHARE_FROM_ROWS or found * 100 <= limit * live:
            continue
        return GateResult(
            "volume",
            "blocked",
            f"{found:,} of {live:,} records are {kind} ({found * 100 / live:.1f} %); "
            f"{name} allows {limit:g} %",
        )
    words = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("added", "updated", "deleted"))
    return GateResult("volume", "passed", words)


def _budget(gates: Gates, calls: int, new_users: int) -> GateResult:
    limits = (
        ("calls to be billed", "max_calls", calls, gates.max_calls),
        ("new users this month", "max_new_users", new_users, gates.max_new_users),
    )
    for what, name, found, limit in limits:
        if limit is not None and found > limit:
            return GateResult("budget", "blocked", f"{found:,} {what}; {name} allows {limit:,}")
    return GateResult(
        "budget",
        "passed",
        f"{_counted(calls, 'call')} to be billed, {_counted(new_users, 'new user')} this month",
    )


def _mapping(unmatched: int) -> GateResult:
    """Judge records of which nobody can say whether they changed: all of them would be sent."""
    return GateResult(
        "mapping",
        "blocked" if unmatched >= SHARE_FROM_ROWS else "warning",
        f"the mapping read columns before that the model doesn't have now, so "
        f"{_counted(unmatched, 'record')} can't be compared and would be sent again",
    )


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
