"""What the state forgets, and when: values of rows first, then what no longer says anything."""

from typing import Final

from segment_assets.seams import Session

#: Plans whose status history is kept.
KEPT_PLANS: Final = 100

# A reject is kept as long as it says why a record is rejected now, or how the newest plan judged.
_STALE_REJECTS: Final = """
DELETE FROM rejects
WHERE plan_no < (SELECT max(plan_no) FROM plans)
  AND NOT EXISTS (
    SELECT 1 FROM (
      SELECT record_id, max(plan_no) AS plan_no, arg_max(status, plan_no) AS status FROM ledger
      WHERE record_id IN (SELECT record_id FROM rejects) AND generation = {generation}
      GROUP BY record_id) AS newest
    WHERE newest.status = 'rejected' AND newest.plan_no = rejects.plan_no
      AND newest.record_id = rejects.record_id)
"""


def drop_plan(session: Session) -> None:
    """Forget the frozen rows of a closed plan: payload values live in no table after it."""
    with session.transaction():
        session.execute("DROP TABLE IF EXISTS plan")
        for table in ("plan_ids", "plan_users", "skipped"):
            session.execute(f"DELETE FROM {table}")


def prune(session: Session, generation: int) -> None:
    """Drop rejects of records that are no longer rejected, and the oldest plans' history."""
    with session.transaction():
        if session.fetch("SELECT count(*) FROM rejects")[0][0]:
            session.execute(_STALE_REJECTS.format(generation=generation))
        session.execute(
            "DELETE FROM plans WHERE plan_no <= (SELECT max(plan_no) FROM plans) - ?",
            [KEPT_PLANS],
        )
