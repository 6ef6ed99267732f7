"""The status history of a sync's plans: append-only, the last row of a plan is its status now."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from segment_assets.seams import Session

#: A plan that nobody delivers within this time is planned again.
EXPIRES_AFTER: Final = timedelta(hours=24)
#: A plan in one of these may still be delivered or be waiting for a person.
OPEN: Final = ("building", "blocked", "approved", "sending")


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan as recorded: `detail` is its report and what delivery needs, as plain JSON."""

    plan_no: int
    plan_id: str
    status: str
    mapping_hash: str
    detail: Mapping[str, Any]
    recorded_at: datetime
    created_at: datetime

    def is_expired(self, now: datetime) -> bool:
        """Say whether the plan is too old to be delivered."""
        return now - self.created_at > EXPIRES_AFTER


def utc_now() -> datetime:
    """Return the present instant in UTC without a zone, as the state's tables keep it."""
    return datetime.now(UTC).replace(tzinfo=None)


_QUERY: Final = """
SELECT plan_no, arg_max(plan_id, nr), arg_max(status, nr), arg_max(mapping_hash, nr),
       arg_max(detail, nr) FILTER (WHERE detail IS NOT NULL), max(recorded_at), min(recorded_at)
FROM (SELECT *, rowid AS nr FROM plans) AS numbered
GROUP BY plan_no ORDER BY plan_no DESC
"""


def _row(row: tuple[Any, ...]) -> PlanRow:
    return PlanRow(row[0], row[1], row[2], row[3], json.loads(row[4] or "{}"), row[5], row[6])


def latest(session: Session) -> PlanRow | None:
    """Return the newest plan, or None."""
    rows = session.fetch(_QUERY + " LIMIT 1")
    return _row(rows[0]) if rows else None


def history(session: Session, limit: int = 20) -> list[PlanRow]:
    """Return the newest plans, newest first."""
    return [_row(row) for row in session.fetch(f"{_QUERY} LIMIT {int(limit)}")]


def record(
    session: Session,
    plan_no: int,
    plan_id: str,
    status: str,
    mapping_hash: str,
    *,
    token: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append a status."""
    text = None if detail is None else json.dumps(detail)
    session.execute(
        "INSERT INTO plans VALUES (?, ?, ?, ?, ?, ?, ?)",
        [plan_no, plan_id, status, mapping_hash, token, text, utc_now()],
    )


def has_frozen_rows(session: Session) -> bool:
    """Say whether the table of an open plan exists."""
    rows = session.fetch(
        "SELECT count(*) FROM information_schema.tables "
        "WHERE table_name = 'plan' AND table_catalog = current_catalog()"
    )
    return bool(rows[0][0])
