"""What all syncs of one installation share: its random id, and this month's users as hashes."""

from typing import Final
from uuid import uuid4

from segment_assets.handoff import SyncSpec
from segment_assets.ledger.plans import utc_now
from segment_assets.seams import Session, StateStore

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS installation (id VARCHAR NOT NULL)",
    """CREATE TABLE IF NOT EXISTS month_users (
        month VARCHAR NOT NULL, destination VARCHAR NOT NULL, user_hash VARCHAR NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS month_calls (
        month VARCHAR NOT NULL, destination VARCHAR NOT NULL, mapping VARCHAR NOT NULL,
        plan_no BIGINT NOT NULL, calls BIGINT NOT NULL)""",
)
_ABSENT: Final = """
SELECT DISTINCT i.user_hash FROM incoming_users AS i
WHERE NOT EXISTS (SELECT 1 FROM month_users AS m
                  WHERE m.month = ? AND m.destination = ? AND m.user_hash = i.user_hash)
"""


def _prepare(session: Session) -> None:
    with session.transaction():
        for statement in _TABLES:
            session.execute(statement)


def installation_id(store: StateStore) -> str:
    """Return the installation's id, made at first use.

    messageIds are deduplicated across all of Segment, not per source: two installations that
    sync equal tables must never share ids.
    """
    with store.session() as session:
        _prepare(session)
        rows = session.fetch("SELECT id FROM installation")
        if rows:
            return str(rows[0][0])
        made = uuid4().hex
        session.execute("INSERT INTO installation VALUES (?)", [made])
        return made


def _month() -> str:
    """Return the calendar month in which calls are billed now, `YYYY-MM` in UTC."""
    return utc_now().strftime("%Y-%m")


def count_new_users(users: Session, shared: StateStore, destination: str, plan_no: int) -> int:
    """Return how many of a plan's users have had no call of this destination this month."""
    rows = users.read(f"SELECT DISTINCT user_hash FROM plan_users WHERE plan_no = {plan_no}")
    with shared.session() as session:
        _prepare(session)
        session.execute("CREATE OR REPLACE TEMP TABLE incoming_users (user_hash VARCHAR)")
        session.append("incoming_users", rows)
        found = session.fetch(
            f"SELECT count(*) FROM ({_ABSENT}) AS absent", [_month(), destination]
        )
        session.execute("DROP TABLE incoming_users")
    return int(found[0][0])


def add_month(plan: Session, shared: StateStore, spec: SyncSpec, plan_no: int) -> None:
    """Add a told plan's accepted users and calls to the month. Idempotent by user and by plan."""
    rows = plan.read(
        "SELECT DISTINCT u.user_hash FROM plan_users AS u JOIN plan_outcomes AS o "
        f"ON o.seq = u.seq AND o.outcome = 'accepted' WHERE u.plan_no = {plan_no}"
    )
    calls = plan.fetch("SELECT count(*) FROM plan_outcomes WHERE outcome = 'accepted'")[0][0]
    month = _month()
    with shared.session() as session:
        _prepare(session)
        session.execute("CREATE OR REPLACE TEMP TABLE incoming_users (user_hash VARCHAR)")
        session.append("incoming_users", rows)
        facts = [month, spec.destination, spec.name, plan_no]
        with session.transaction():
            session.execute(
                f"INSERT INTO month_users SELECT ?, ?, user_hash FROM ({_ABSENT}) AS absent",
                [month, spec.destination, month, spec.destination],
            )
            session.execute(
                "INSERT INTO month_calls SELECT ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM "
                "month_calls WHERE month = ? AND destination = ? AND mapping = ? AND plan_no = ?)",
                [*facts, calls, *facts],
            )
        session.execute("DROP TABLE incoming_users")
