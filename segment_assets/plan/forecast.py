"""What the next plan would make of one row, told from the ledger without making a plan.

The rules are those of the statement in `diff.py`, for a row that is in the model.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

_SETTLED: Final = ("accepted", "adopted", "unselected")
_OPEN: Final = ("uncertain", "owed")


@dataclass(frozen=True, slots=True)
class Forecast:
    """`op`: added, updated, unchanged, waiting, unselected, held, or unknown; and why."""

    op: str
    reason: str


def forecast(
    record_id: str,
    fingerprint: str,
    known: Mapping[str, Any] | None,
    *,
    mapping_hash: str,
    when: Collection[str],
    is_comparable: bool = True,
) -> Forecast:
    """Say which class the next plan would give a row.

    `known` is the record's last ledger row, None where there is none; `is_comparable` is False
    where its fingerprint is over other columns than `fingerprint`. The ledger keeps no values, so
    that something changed is known, and not what.
    """
    if not record_id:
        return Forecast("held", "the primary key is null or empty (null_key)")
    if known is None:
        return _chosen("added", "the ledger doesn't know this record", when)
    status, is_live = str(known["status"]), bool(known["live"])
    is_equal = fingerprint == known["fingerprint"]
    op = "updated" if is_live and known["known"] else "added"
    if is_equal and known["mapping_hash"] == mapping_hash and status in {"rejected", *_OPEN}:
        return _same(status, str(known["op"]))
    if not is_live:
        return _chosen(op, f"the record was away; its last status is {status}", when)
    if is_equal and status in _SETTLED:
        return Forecast(
            "unchanged", f"the columns that the mapping reads are as they were {status}"
        )
    if fingerprint == known["sent_fingerprint"] and status in {"rejected", "owed"}:
        return Forecast("unchanged", "the row is back at what the API accepted")
    if not is_comparable:
        return Forecast("unknown", "the mapping reads other columns than when it was last planned")
    changed = "the mapping" if is_equal else "a column that the mapping reads"
    return _chosen(op, f"{changed} changed since the record was {status}", when)


def _same(status: str, op: str) -> Forecast:
    if status == "rejected":
        return Forecast("waiting", "it was rejected, and neither row nor mapping changed since")
    return Forecast(op, f"its last call is {status}: it is sent again under the same messageId")


def _chosen(op: str, reason: str, when: Collection[str]) -> Forecast:
    if op in when:
        return Forecast(op, reason)
    return Forecast("unselected", f"{reason}; it would be {op}, which `when` doesn't select")
