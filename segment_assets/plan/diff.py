"""The one statement that freezes a plan: the model against the ledger's current state.

`CREATE TABLE plan AS ...` reads one snapshot and is durable when it returns. It holds

- one row per planned record, with a sequence number, and the mapped columns as `c0`, `c1`, ...;
- narrow rows (`seq` null) for what must be remembered or shown: records that `when` doesn't
  select, adopted records, those back at what the API accepted, keys held as duplicates;
- one tally row per class (`record_id` null), counted in the same snapshot.

The numbering leaves planned rows in the order of `seq`, in which they are stored and read: to
sort them once more would double the memory (a million rows of 11 columns need less than 512 MB).

The model is read twice where that is cheap (a stored table): once for keys and fingerprints,
once for the values of changed rows only. Views and queries are evaluated once and kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from segment_assets.handoff import Column
from segment_assets.seams import Dialect

LANES: Final = 4
#: A call refused by the API is planned again in this many syncs, or for this many days.
OWED_TRIES: Final = 5
OWED_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class DiffFacts:
    """All that the statement depends on.

    `read_columns` are the columns that the mapping can read, `old_columns` earlier lists of them
    that the ledger still knows records by; `lost_plans` are ranges of plan numbers whose list
    can't be read any more. `identity` is what the messageIds of this sync and this mapping start
    from; `now` is UTC text, `YYYY-MM-DD hh:mm:ss`.
    """

    relation: str
    is_base_table: bool
    key: Column
    read_columns: Sequence[Column]
    old_columns: Sequence[Sequence[Column]]
    lost_plans: Sequence[tuple[int, int]]
    lane_columns: Sequence[Column]
    order_column: Column | None
    state: str
    when: frozenset[str]
    mapping_hash: str
    identity: str
    now: str


_TEMPLATE: Final = """
CREATE TABLE {prefix}plan AS
WITH model AS {materialised} (
  SELECT coalesce({key}, '') AS record_id, {fingerprint} AS fingerprint,
         {old_fingerprints} AS old_fingerprints, {lane} AS lane, {ordering} AS ordering{values}
  FROM {relation} AS model_rows
),
keys AS MATERIALIZED (
  SELECT record_id, count(*) AS copies, min(fingerprint) AS fingerprint,
         max(fingerprint) AS other_fingerprint, min(old_fingerprints) AS old_fingerprints
  FROM model GROUP BY record_id
),
state AS MATERIALIZED ({state}),
compared AS (
  SELECT coalesce(k.record_id, s.record_id) AS record_id, k.copies, k.fingerprint,
    k.record_id IS NOT NULL AS present, s.record_id IS NOT NULL AS remembered,
    s.status, coalesce(s.live, false) AS live, coalesce(s.known, false) AS known,
    s.sent_fingerprint, s.since, coalesce(s.tries, 0) AS tries, s.base_no, s.plan_no,
    s.op AS last_op, coalesce(s.mapping_hash <> {mapping_hash}, false) AS of_other_mapping,
    coalesce(k.copies > 1 AND k.fingerprint <> k.other_fingerprint, false) AS conflicting,
    coalesce(s.mapping_hash = {mapping_hash} AND coalesce(k.fingerprint, '') = s.fingerprint
      AND (k.record_id IS NOT NULL OR s.op = 'deleted'), false) AS same,
    coalesce(k.fingerprint = s.fingerprint, false) AS same_values,
    coalesce(k.fingerprint = s.sent_fingerprint, false) AS same_as_sent,
    coalesce(list_contains(k.old_fingerprints, s.fingerprint), false) AS same_by_old_columns
  FROM keys AS k FULL OUTER JOIN state AS s ON s.record_id = k.record_id
),
judged AS (
  SELECT *, same AND status IN ('uncertain', 'owed') AS retried,
    CASE WHEN same AND status IN ('uncertain', 'owed') THEN last_op
         WHEN NOT present THEN 'deleted'
         WHEN live AND known THEN 'updated' ELSE 'added' END AS op
  FROM compared
),
classified AS MATERIALIZED (
  SELECT *,
    CASE
      WHEN present AND record_id = '' THEN 'null_key'
      WHEN conflicting THEN 'duplicate_key'
      WHEN NOT present AND NOT live AND NOT (last_op = 'deleted'
           AND status IN ('uncertain', 'owed', 'rejected')) THEN 'gone'
      WHEN same AND status = 'rejected' THEN 'waiting'
      WHEN same AND status = 'owed' AND (tries > {owed_tries}
           OR since < TIMESTAMP {now} - INTERVAL {owed_days} DAY) THEN 'waiting'
      WHEN retried THEN 'planned'
      WHEN live AND same_values AND status IN ('accepted', 'adopted', 'unselected')
           THEN 'unchanged'
      WHEN live AND same_as_sent AND status IN ('rejected', 'owed') THEN 'reverted'
      WHEN live AND same_by_old_columns AND status IN ('accepted', 'adopted', 'unselected')
           THEN 'adopted'
      WHEN op NOT IN ({when}) THEN 'unselected'
      ELSE 'planned' END AS class
  FROM judged
),
planned AS (
  SELECT c.record_id, c.op, coalesce(c.fingerprint, '') AS fingerprint, c.known, c.retried,
    c.sent_fingerprint, c.tries, c.since,
    CASE WHEN NOT c.remembered THEN 0 WHEN c.retried THEN c.base_no ELSE c.plan_no END AS base_no,
    coalesce(m.lane, {deleted_lane}) AS lane, m.ordering{chosen}
  FROM (SELECT * FROM classified WHERE class = 'planned') AS c
  LEFT JOIN model AS m ON m.record_id = c.record_id
),
numbered AS (
  SELECT row_number() OVER in_order AS seq, lag(record_id) OVER in_order AS copy_of, *,
    {message_id} AS message_id
  FROM planned
  WINDOW in_order AS (ORDER BY lane, ordering NULLS FIRST, record_id)
)
SELECT seq, lane, record_id, 'planned' AS class, op, fingerprint, base_no, known, retried,
  sent_fingerprint, tries, since, message_id,
  CAST(NULL AS BIGINT) AS row_count, CAST(NULL AS BIGINT) AS record_count{chosen_out}
FROM numbered WHERE copy_of IS DISTINCT FROM record_id
UNION ALL BY NAME
SELECT record_id, class, op, coalesce(fingerprint, '') AS fingerprint,
  coalesce(plan_no, 0) AS base_no, known, false AS retried, sent_fingerprint,
  CAST(copies AS BIGINT) AS row_count
FROM classified WHERE class IN ('unselected', 'adopted', 'reverted', 'duplicate_key')
UNION ALL BY NAME
SELECT 'tally:' || class AS class, op, CAST(coalesce(sum(copies), 0) AS BIGINT) AS row_count,
  count(*) AS record_count
FROM classified WHERE class <> 'gone' GROUP BY ALL
UNION ALL BY NAME
SELECT 'tally:read' AS class, (SELECT count(*) FROM model) AS row_count
UNION ALL BY NAME
SELECT 'tally:records' AS class, count(*) AS record_count,
  CAST(coalesce(sum(copies - 1), 0) AS BIGINT) AS row_count
FROM keys WHERE record_id <> '' AND (copies = 1 OR fingerprint = other_fingerprint)
UNION ALL BY NAME
SELECT 'tally:live_before' AS class, count(*) AS record_count FROM state WHERE live
UNION ALL BY NAME
SELECT 'tally:met' AS class, count(*) AS record_count FROM classified WHERE present AND live
UNION ALL BY NAME
SELECT 'tally:other_mapping' AS class, count(*) AS record_count
FROM classified WHERE class = 'unchanged' AND of_other_mapping
UNION ALL BY NAME
SELECT 'tally:unmatched' AS class, count(*) AS record_count
FROM classified WHERE class = 'planned' AND present AND live
  AND status IN ('accepted', 'adopted', 'unselected') AND ({is_lost})
"""


def freeze_statement(facts: DiffFacts, dialect: Dialect, state_prefix: str) -> str:
    """Write the statement for one sync; state tables are named with `state_prefix`."""
    names = [f"c{index}" for index in range(len(facts.read_columns))]
    values = (
        f",\n         {dialect.wire(column)} AS {name}"
        for column, name in zip(facts.read_columns, names, strict=True)
    )
    old = ", ".join(dialect.fingerprint(columns) for columns in facts.old_columns)
    lost = (f"plan_no BETWEEN {int(first)} AND {int(last)}" for first, last in facts.lost_plans)
    order = facts.order_column
    return _TEMPLATE.format(
        prefix=state_prefix,
        # A stored table is read twice (keys, then values of changed rows only); a view or a
        # query might cost much or answer differently the second time, so it is evaluated once.
        materialised="NOT MATERIALIZED" if facts.is_base_table else "MATERIALIZED",
        key=dialect.key_text(facts.key),
        fingerprint=dialect.fingerprint(facts.read_columns),
        old_fingerprints=f"[{old}]" if old else "CAST(NULL AS VARCHAR[])",
        is_lost=" OR ".join(lost) or "false",
        lane=dialect.lane([dialect.canonical(column) for column in facts.lane_columns], LANES),
        deleted_lane=dialect.lane(["c.record_id"], LANES),
        ordering="CAST(NULL AS VARCHAR)" if order is None else dialect.quote(order.name),
        values="".join(values),
        relation=facts.relation,
        state=facts.state,
        mapping_hash=dialect.literal(facts.mapping_hash),
        owed_tries=OWED_TRIES,
        owed_days=OWED_DAYS,
        now=dialect.literal(facts.now),
        when=", ".join(dialect.literal(op) for op in sorted(facts.when)),
        chosen="".join(f", m.{name}" for name in names),
        chosen_out="".join(f", {name}" for name in names),
        message_id=dialect.message_id(
            f"{dialect.literal(facts.identity)} || op || '|' || CAST(base_no AS VARCHAR)"
            " || '|' || fingerprint || '|' || record_id"
        ),
    )


def tallies(
    rows: Sequence[tuple[str, str | None, int | None, int | None]],
) -> dict[str, int]:
    """Turn (class, op, rows, records) tally rows into the counts of a plan report."""
    names = (
        "read", "null_key", "duplicate_key", "collapsed", "records", "added", "updated",
        "deleted", "gone", "unchanged", "adopted", "unselected", "waiting", "live_before",
        "met", "other_mapping", "unmatched",
    )  # fmt: skip
    counts = dict.fromkeys(names, 0)
    for tagged, op, row_count, record_count in rows:
        name = tagged.removeprefix("tally:")
        name = "unchanged" if name == "reverted" else name
        records = record_count or 0
        if name == "read":
            counts["read"] = row_count or 0
        elif name in {"null_key", "duplicate_key"}:
            counts[name] += row_count or 0
        elif name == "records":
            counts["records"], counts["collapsed"] = records, row_count or 0
        else:
            counts[op if name == "planned" and op else name] += records
        if op == "deleted":
            counts["gone"] += records
    return counts
