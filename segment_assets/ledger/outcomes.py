"""From marks to outcomes: which planned record is accepted, rejected, owed, uncertain or pending.

Precedence per record: a contract rejection, then not selected by the trigger, then refused, then
accepted, then an intent that nothing took back (uncertain). A refusal is of one call alone and is
final for its plan, while the range of an accepted batch may reach over calls that it left out. A
record with none of these is pending: it was never posted, or every post was answered by a refusal
of the whole request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from segment_assets.ledger.plans import PlanRow, record, utc_now
from segment_assets.ledger.tables import current_state
from segment_assets.seams import MarkStore, Session

_TELL: Final = """
CREATE OR REPLACE TEMP TABLE plan_outcomes AS
SELECT p.seq, p.record_id, p.fingerprint, p.op, p.base_no, p.known, p.sent_fingerprint, p.retried,
  p.tries, p.since, coalesce(i.message_id, p.message_id) AS message_id,
  CASE WHEN r.seq IS NOT NULL THEN 'rejected'
       WHEN k.seq IS NOT NULL THEN 'unselected'
       WHEN t.refused THEN 'owed'
       WHEN t.accepted THEN 'accepted'
       WHEN t.open_intents > 0 THEN 'uncertain'
       ELSE 'pending' END AS outcome
FROM (SELECT * FROM plan WHERE seq IS NOT NULL) AS p
LEFT JOIN (SELECT DISTINCT seq FROM rejects WHERE plan_no = {plan_no} AND seq IS NOT NULL) AS r
  ON r.seq = p.seq
LEFT JOIN (SELECT DISTINCT seq FROM skipped WHERE plan_no = {plan_no}) AS k ON k.seq = p.seq
LEFT JOIN (
  SELECT q.seq, bool_or(m.status = 'accepted') AS accepted,
         bool_or(m.status = 'refused') AS refused,
         count(*) FILTER (WHERE m.status = 'intent')
           - count(*) FILTER (WHERE m.status = 'returned') AS open_intents
  FROM (SELECT seq FROM plan WHERE seq IS NOT NULL) AS q
  JOIN plan_marks AS m ON q.seq BETWEEN m.seq_from AND m.seq_to
  GROUP BY q.seq) AS t ON t.seq = p.seq
LEFT JOIN (SELECT seq, message_id FROM plan_ids WHERE plan_no = {plan_no}) AS i ON i.seq = p.seq
"""

# An accepted, adopted or unselected record is known: from then on a change of it is an update.
# `sent_fingerprint` is what the receiver holds for sure; after an uncertain post nobody knows.
# `tries` counts refusals of one and the same call; `since` is when its status began.
_SETTLE: Final = """
INSERT INTO ledger
SELECT record_id, fingerprint, '{mapping_hash}', outcome, op,
       message_id, {plan_no}, base_no, op <> 'deleted',
       known OR outcome IN ('accepted', 'unselected'),
       CASE WHEN op = 'deleted' OR outcome = 'uncertain' THEN NULL
            WHEN outcome = 'accepted' THEN fingerprint ELSE sent_fingerprint END,
       CASE WHEN retried THEN tries ELSE 0 END + CASE WHEN outcome = 'owed' THEN 1 ELSE 0 END,
       CASE WHEN retried AND outcome <> 'accepted' AND NOT (outcome = 'owed' AND tries = 0)
            THEN since ELSE ? END,
       {generation}, ?
FROM plan_outcomes AS settled
WHERE outcome <> 'pending'
  AND NOT EXISTS (SELECT 1 FROM ledger AS l
                  WHERE l.plan_no = {plan_no} AND l.record_id = settled.record_id)
"""

# Rows that need no call but must be remembered: not selected by `when`, adopted, or back at
# what the API accepted after a change that it never got.
_REMEMBER: Final = """
INSERT INTO ledger
SELECT record_id, fingerprint, '{mapping_hash}',
       CASE WHEN class IN ('adopted', 'reverted') THEN 'adopted'
            WHEN op = 'deleted' THEN 'removed' ELSE 'unselected' END,
       op, NULL, {plan_no}, base_no, op <> 'deleted', true,
       CASE WHEN op = 'deleted' THEN NULL WHEN class IN ('adopted', 'reverted') THEN fingerprint
            ELSE sent_fingerprint END,
       0, ?, {generation}, ?
FROM plan
WHERE seq IS NULL AND class IN ('adopted', 'reverted', 'unselected')
  AND NOT EXISTS (SELECT 1 FROM ledger AS l
                  WHERE l.plan_no = {plan_no} AND l.record_id = plan.record_id)
"""


#: A smaller ledger isn't worth a rewrite.
_COMPACT_FROM_ROWS: Final = 1_000


@contextmanager
def told(session: Session, plan: PlanRow, marks: MarkStore) -> Iterator[None]:
    """Judge every planned record once; inside, `plan_outcomes` holds each with its `outcome`."""
    session.execute(
        "CREATE OR REPLACE TEMP TABLE plan_marks (seq_from BIGINT, seq_to BIGINT, status VARCHAR)"
    )
    session.append("plan_marks", marks.of_plan(plan.plan_id))
    session.execute(_TELL.format(plan_no=plan.plan_no))
    try:
        yield
    finally:
        for table in ("plan_marks", "plan_outcomes"):
            session.execute(f"DROP TABLE IF EXISTS {table}")


def count_planned(session: Session, plan_no: int) -> int:
    """Return how many records a plan has calls for, but for those that the trigger leaves out."""
    rows = session.fetch(
        "SELECT count(*) FROM plan WHERE seq IS NOT NULL AND seq NOT IN "
        "(SELECT seq FROM skipped WHERE plan_no = ?)",
        [plan_no],
    )
    return int(rows[0][0])


def count_outcomes(session: Session) -> dict[str, int]:
    """Return how many planned records ended in each outcome, counted record by record."""
    names = ("accepted", "rejected", "owed", "uncertain", "pending", "unselected")
    counts = dict.fromkeys(names, 0)
    counts.update(dict(session.fetch("SELECT outcome, count(*) FROM plan_outcomes GROUP BY 1")))
    return counts


def settle(
    session: Session,
    plan: PlanRow,
    generation: int,
    status: str,
    *,
    remember: bool,
    detail: dict[str, object],
) -> None:
    """Write what was told of a plan into the ledger and close the plan, in one transaction.

    Idempotent: a record that has a ledger row of this plan gets no second one. `remember`: also
    the records that needed no call; of a plan that is given up the next plan says so anew.
    """
    now = utc_now()
    facts = {"plan_no": plan.plan_no, "mapping_hash": plan.mapping_hash, "generation": generation}
    with session.transaction():
        if remember:
            session.execute(_REMEMBER.format(**facts), [now, now])
        session.execute(_SETTLE.format(**facts), [now, now])
        record(session, plan.plan_no, plan.plan_id, status, plan.mapping_hash, detail=detail)


def compact(session: Session, generation: int) -> bool:
    """Rewrite the ledger as its current state when it holds twice as many rows as records.

    One transaction: killed anywhere, the old ledger or the new one is there, whole.
    """
    rows = session.fetch("SELECT count(*) FROM ledger")[0][0]
    if rows < _COMPACT_FROM_ROWS:
        return False
    records = session.fetch("SELECT count(DISTINCT record_id) FROM ledger")[0][0]
    if rows <= 2 * records:
        return False
    current = current_state("", generation)
    with session.transaction():
        session.execute(
            "CREATE TABLE ledger_compacted AS SELECT l.* FROM ledger AS l "
            f"JOIN ({current}) AS c ON c.record_id = l.record_id AND c.plan_no = l.plan_no "
            f"WHERE l.generation = {generation}"
        )
        session.execute("DROP TABLE ledger")
        session.execute("ALTER TABLE ledger_compacted RENAME TO ledger")
    return True
