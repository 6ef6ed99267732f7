"""The tables of a sync's state, and the one place that changes them when their version does.

`plan` exists only while a plan is open; `rejects` and the marks speak about it by sequence number;
`ledger` and `plans` are append-only (the oldest of `plans` and what `rejects` no longer says of
any record are dropped with time). `recorded_at` is UTC (`at` is a reserved word in DuckDB 2).
"""

from typing import Final

from segment_assets.errors import StateError
from segment_assets.seams import Session

STATE_VERSION: Final = 1

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS meta (name VARCHAR NOT NULL, value VARCHAR NOT NULL)",
    # One row per change of a plan's status; the last row of a plan_no is its status now.
    """CREATE TABLE IF NOT EXISTS plans (
        plan_no BIGINT NOT NULL, plan_id VARCHAR NOT NULL, status VARCHAR NOT NULL,
        mapping_hash VARCHAR NOT NULL, token VARCHAR, detail VARCHAR,
        recorded_at TIMESTAMP NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS rejects (
        plan_no BIGINT NOT NULL, seq BIGINT, record_id VARCHAR, code VARCHAR NOT NULL,
        field VARCHAR, found VARCHAR, message VARCHAR)""",
    # Planned records that the trigger doesn't select.
    "CREATE TABLE IF NOT EXISTS skipped (plan_no BIGINT NOT NULL, seq BIGINT NOT NULL)",
    # Who is billed: a hash of each planned record's user, never the id itself.
    """CREATE TABLE IF NOT EXISTS plan_users (
        plan_no BIGINT NOT NULL, seq BIGINT NOT NULL, user_hash VARCHAR NOT NULL)""",
    # The messageIds of planned records where the mapping makes its own, and the call's bytes.
    """CREATE TABLE IF NOT EXISTS plan_ids (
        plan_no BIGINT NOT NULL, seq BIGINT NOT NULL, message_id VARCHAR NOT NULL,
        bytes BIGINT NOT NULL)""",
    # Which columns fingerprints are over, from a plan on until the next row here (JSON list).
    """CREATE TABLE IF NOT EXISTS column_lists (
        plan_no BIGINT NOT NULL, columns VARCHAR NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS ledger (
        record_id VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL, mapping_hash VARCHAR NOT NULL,
        status VARCHAR NOT NULL, op VARCHAR NOT NULL, message_id VARCHAR,
        plan_no BIGINT NOT NULL, base_no BIGINT NOT NULL, live BOOLEAN NOT NULL,
        known BOOLEAN NOT NULL, sent_fingerprint VARCHAR, tries INTEGER NOT NULL,
        since TIMESTAMP NOT NULL, generation INTEGER NOT NULL, recorded_at TIMESTAMP NOT NULL)""",
)


def prepare(session: Session, location: str) -> None:
    """Create what is missing. Raises `StateError` for a state of a newer version."""
    found = session.fetch(
        "SELECT count(*) FROM information_schema.tables "
        "WHERE table_name = 'meta' AND table_catalog = current_catalog()"
    )
    if found[0][0]:
        version = int(session.fetch("SELECT value FROM meta WHERE name = 'version'")[0][0])
        if version > STATE_VERSION:
            raise StateError(
                f"the state {location} is of version {version}, this package knows up to "
                f"{STATE_VERSION}: update segment-assets on this machine"
            )
        return
    with session.transaction():
        for statement in _TABLES:
            session.execute(statement)
        session.execute(
            "INSERT INTO meta VALUES ('version', ?), ('generation', '1')", [str(STATE_VERSION)]
        )


def generation(session: Session) -> int:
    """Return the generation: a reset starts the next one, so that its ids differ."""
    return int(session.fetch("SELECT value FROM meta WHERE name = 'generation'")[0][0])


def current_state(prefix: str, generation_no: int) -> str:
    """Return SQL of the last ledger row per record of a generation."""
    return (
        "SELECT record_id, unnest(arg_max({'fingerprint': fingerprint, "
        "'mapping_hash': mapping_hash, 'status': status, 'op': op, 'plan_no': plan_no, "
        "'base_no': base_no, 'live': live, 'known': known, "
        "'sent_fingerprint': sent_fingerprint, 'tries': tries, 'since': since}, plan_no)) "
        f"FROM {prefix}ledger WHERE generation = {generation_no} GROUP BY record_id"
    )
