"""Reading the ledger for people: what stands where, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from segment_assets.ledger import column_lists, plans, tables
from segment_assets.ledger.column_lists import ColumnList
from segment_assets.seams import StateStore

_RECALLED: Final = (
    "record_id", "fingerprint", "mapping_hash", "status", "op", "plan_no", "live", "known",
    "sent_fingerprint", "tries", "since",
)  # fmt: skip
_REJECTED_NOW: Final = """
WITH current AS MATERIALIZED ({current})
SELECT plan_no, record_id, code, field, found, message FROM (
  SELECT r.*, r.rowid AS place FROM rejects AS r
  WHERE r.plan_no = (SELECT max(plan_no) FROM plans)
     OR EXISTS (SELECT 1 FROM current AS c WHERE c.record_id = r.record_id
                AND c.plan_no = r.plan_no AND c.status = 'rejected')
  UNION ALL BY NAME
  SELECT plan_no, record_id, 'rejected_by_api' AS code, '' AS field, '' AS found,
    'the API refused this call with 400; tries so far: ' || tries AS message, 0 AS place
  FROM current WHERE status = 'owed'
) AS told
ORDER BY plan_no DESC, place, record_id LIMIT {limit}
"""


def sync_status(store: StateStore) -> dict[str, Any]:
    """Return a sync's newest plan and the records of its ledger by status, with ages.

    `records` maps each status (accepted, rejected, owed, uncertain, unselected, adopted, removed)
    to its number of records and the age in seconds of the oldest. Empty for a sync never planned.
    """
    if not store.exists():
        return {"plan": None, "records": {}}
    with store.session() as session:
        tables.prepare(session, store.location)
        newest = plans.latest(session)
        current = tables.current_state("", tables.generation(session))
        rows = session.fetch(
            f"SELECT status, count(*), min(since) FROM ({current}) AS c GROUP BY 1 ORDER BY 1"
        )
    now = plans.utc_now()
    return {
        "plan": None if newest is None else _plan_facts(newest),
        "records": {
            status: {"count": count, "oldest_seconds": _age(now, since)}
            for status, count, since in rows
        },
    }


def _age(now: datetime, since: datetime) -> int:
    return max(0, int((now - since).total_seconds()))


def _plan_facts(plan: plans.PlanRow) -> dict[str, Any]:
    report = plan.detail.get("report", {})
    return {
        "plan_id": plan.plan_id,
        "status": plan.status,
        "recorded_at": plan.recorded_at.isoformat(timespec="seconds") + "Z",
        "calls": report.get("calls", 0),
        "counts": report.get("counts", {}),
        "outcomes": plan.detail.get("outcomes", {}),
        "approval": plan.detail.get("approval"),
    }


def rejected_records(store: StateStore, limit: int) -> list[dict[str, Any]]:
    """Return why records are rejected, refused or held now, newest first, at most `limit`.

    That is what the newest plan rejected or held, and what earlier ones rejected and no row
    changed since. A row without a key has `record_id` None and stands for all of its kind.
    """
    if not store.exists():
        return []
    with store.session() as session:
        tables.prepare(session, store.location)
        current = tables.current_state("", tables.generation(session))
        rows = session.fetch(_REJECTED_NOW.format(current=current, limit=int(limit)))
    names = ("plan_no", "record_id", "code", "field", "found", "message")
    return [dict(zip(names, row, strict=True)) for row in rows]


def accepted_message_ids(store: StateStore) -> set[str]:
    """Return every messageId that the ledger holds as accepted."""
    if not store.exists():
        return set()
    with store.session() as session:
        tables.prepare(session, store.location)
        rows = session.fetch("SELECT message_id FROM ledger WHERE status = 'accepted'")
    return {row[0] for row in rows}


@dataclass(frozen=True, slots=True)
class Recollection:
    """What the ledger knows of one record: its last row, and the columns its fingerprint is over.

    `columns` is None where they can't be told any more.
    """

    row: Mapping[str, Any]
    columns: tuple[str, ...] | None


def recall(store: StateStore, record_ids: Sequence[str]) -> dict[str, Recollection]:
    """Return what is known of some records. A record that was never planned is left out."""
    if not store.exists():
        return {}
    with store.session() as session:
        tables.prepare(session, store.location)
        generation = tables.generation(session)
        current = tables.current_state("", generation)
        rows = session.fetch(
            f"SELECT {', '.join(_RECALLED)} FROM ({current}) AS c "
            "WHERE record_id IN (SELECT unnest(?))",
            [list(record_ids)],
        )
        lists = column_lists.used_lists(session, generation)
    known = [dict(zip(_RECALLED, row, strict=True)) for row in rows]
    return {
        row["record_id"]: Recollection(row, _columns_at(lists, row["plan_no"])) for row in known
    }


def _columns_at(lists: Sequence[ColumnList], plan_no: int) -> tuple[str, ...] | None:
    names = (known.names for known in lists if known.first_plan_no <= plan_no <= known.last_plan_no)
    return next(names, None)
