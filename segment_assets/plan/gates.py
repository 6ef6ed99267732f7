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
        (rejected, planned, "planned records are rejected"),
        (held, read, "rows are held for a null or duplicate key"),
    )
    for found, whole, what in shares:
        if limit is None or found * 100 <= limit * whole:
            continue
        if found == whole >= _ALL_FROM:
            return GateResult("contract", "blocked", f"all {found:,} {what}")
        if found >= SHARE_FROM_ROWS:
            return GateResult(
                "contract",
                "blocked",
                f"{found:,} of {whole:,} {what} ({found * 100 / whole:.1f} %); "
                f"max_rejected_percent allows {limit:g} %",
            )
    if rejected or held:
        return GateResult(
            "contract",
            "warning",
            f"{rejected:,} of {planned:,} planned records are rejected and {held:,} rows held; "
            "the others are sent",
        )
    return GateResult("contract", "passed", f"all {planned:,} planned records keep the contract")


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
        "budget", "passed", f"{calls:,} calls to be billed, {new_users:,} new users this month"
    )


def _mapping(unmatched: int) -> GateResult:
    """Judge records of which nobody can say whether they changed: all of them would be sent."""
    return GateResult(
        "mapping",
        "blocked" if unmatched >= SHARE_FROM_ROWS else "warning",
        f"the mapping read columns before that the model doesn't have now, so {unmatched:,} "
        "records can't be compared and would be sent again",
    )
