"""What the next plan would make of one row, told from the ledger without making a plan.

The rules are those of the statement in `diff.py`, for a row that is in the model.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from segment_assets.plan.diff import OWED_DAYS, OWED_TRIES

_SETTLED: Final = ("accepted", "adopted", "unselected")


@dataclass(frozen=True, slots=True)
class Forecast:
    """`op`: added, updated, deleted, unchanged, waiting, unselected, held, unknown; and why."""

    op: str
    reason: str


@dataclass(frozen=True, slots=True)
class RowNow:
    """A row as the model holds it.

    `is_comparable`: the ledger's fingerprint of the record is over the same columns as this one.
    """

    record_id: str
    fingerprint: str
    is_comparable: bool = True


def forecast(
    row: RowNow,
    known: Mapping[str, Any] | None,
    *,
    mapping_hash: str,
    when: Collection[str],
    now: datetime,
) -> Forecast:
    """Say which class the next plan would give a row, and why.

    `known` is the record's last ledger row, None where there is none; `now` is UTC without a
    zone. The ledger keeps no values: that something changed is known, and not what.
    """
    if not row.record_id:
        return Forecast("held", "the primary key is null or empty (null_key)")
    if known is None:
        return _chosen("added", "the ledger doesn't know this record", when)
    is_same = row.fingerprint == known["fingerprint"] and known["mapping_hash"] == mapping_hash
    again = _again(known, now) if is_same else None
    return again or _stays(row, known) or _changes(row, known, when)


def _again(known: Mapping[str, Any], now: datetime) -> Forecast | None:
    """Judge a row that is the same under the same mapping, where its last call isn't settled."""
    status = known["status"]
    if status == "rejected":
        return Forecast("waiting", "it was rejected, and neither row nor mapping changed since")
    if status == "owed" and (
        known["tries"] > OWED_TRIES or known["since"] < now - timedelta(days=OWED_DAYS)
    ):
        return Forecast("waiting", "the API refused it too often, and nothing changed since")
    if status in {"owed", "uncertain"}:
        again = f"its last call is {status}: it is sent again under the same messageId"
        return Forecast(known["op"], again)
    return None


def _stays(row: RowNow, known: Mapping[str, Any]) -> Forecast | None:
    status = known["status"]
    if not known["live"]:
        return None
    if row.fingerprint == known["fingerprint"] and status in _SETTLED:
        return Forecast("unchanged", f"what the mapping reads is as it was when last {status}")
    if row.fingerprint == known["sent_fingerprint"] and status in {"rejected", "owed"}:
        return Forecast("unchanged", "the row is back at what the API accepted")
    return None


def _changes(row: RowNow, known: Mapping[str, Any], when: Collection[str]) -> Forecast:
    status = known["status"]
    if not known["live"]:
        return _chosen("added", f"the record was away; it was last {status}", when)
    op = "updated" if known["known"] else "added"
    if row.fingerprint == known["fingerprint"]:
        return _chosen(op, f"the mapping changed since the record was {status}", when)
    if not row.is_comparable and status in _SETTLED:  # it may be adopted
        return Forecast("unknown", "the mapping reads other columns than at the last plan")
    return _chosen(op, f"a column that the mapping reads changed since it was {status}", when)


def _chosen(op: str, reason: str, when: Collection[str]) -> Forecast:
    if op in when:
        return Forecast(op, reason)
    return Forecast("unselected", f"{reason}; `when` doesn't select {op} records")
