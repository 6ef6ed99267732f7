"""The plan's one pass over its frozen rows: map, check, count. Nothing is sent, no call is kept."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from segment_assets.handoff import Rejection
from segment_assets.plan.masking import mask_call, mask_found
from segment_assets.seams import EncodedBatch, Encoder, Session, StateStore
from segment_assets.wire import MAX_BATCH_BYTES, MAX_BATCH_CALLS

#: Rows of one chunk: pandera costs 10-25 ms a call, whatever the number of rows.
CHUNK_ROWS: Final = 20_000
_SAMPLES_PER_CODE: Final = 3
_FIRST_CALLS: Final = 3
_TWICE: Final = "another record of this plan has the same messageId; map a column that is unique"


@dataclass(slots=True)
class Survey:
    """What the pass counted, in records. `lanes`: calls and bytes of each lane."""

    seen: int = 0
    skipped: int = 0
    rejected: int = 0
    to_send: int = 0
    lanes: dict[int, tuple[int, int]] = field(default_factory=dict)
    rejected_by_code: Counter[str] = field(default_factory=Counter)
    warned_by_code: Counter[str] = field(default_factory=Counter)
    sampled: Counter[str] = field(default_factory=Counter)
    samples: list[Rejection] = field(default_factory=list)
    first_calls: list[str] = field(default_factory=list)

    @property
    def bytes_to_send(self) -> int:
        """Bytes of all calls to send, without envelopes."""
        return sum(size for _calls, size in self.lanes.values())

    @property
    def batches(self) -> int:
        """How many posts carry the calls, if none is split or tried again."""
        return sum(
            max(-(-size // MAX_BATCH_BYTES), -(-calls // MAX_BATCH_CALLS))
            for calls, size in self.lanes.values()
        )


def read_chunks(store: StateStore, columns: int, first: int, last: int) -> Iterator[pa.RecordBatch]:
    """Yield plan rows from `first` to `last` sequence number, a chunk at a time.

    The state is open only while a chunk is read.
    """
    plain = ("seq", "lane", "record_id", "op", "message_id")
    names = ", ".join([*plain, *(f"c{index}" for index in range(columns))])
    for start in range(first, last + 1, CHUNK_ROWS):
        end = min(start + CHUNK_ROWS - 1, last)
        with store.session() as session:
            rows = session.read(
                f"SELECT {names} FROM plan WHERE seq BETWEEN {start} AND {end} ORDER BY seq"
            )
        if rows.num_rows:
            yield rows


def survey_plan(
    store: StateStore,
    plan_no: int,
    encoder: Encoder,
    columns: int,
    mask: Sequence[str],
    *,
    own_ids: bool,
) -> Survey:
    """Pass over the frozen plan and record rejects, unselected records and users to be billed.

    `own_ids`: the mapping makes its own messageIds, which must then be unique in the plan.
    """
    with store.session() as session:
        for table in ("rejects", "skipped", "plan_users", "plan_ids"):
            session.execute(f"DELETE FROM {table} WHERE plan_no = {plan_no}")
        session.execute(
            "INSERT INTO rejects SELECT ?, NULL, record_id, 'duplicate_key', NULL, NULL, "
            "'the primary key stands on ' || row_count || ' rows of different content' "
            "FROM plan WHERE class = 'duplicate_key' UNION ALL "
            "SELECT ?, NULL, NULL, 'null_key', NULL, NULL, "
            "'the primary key is null or empty on ' || row_count || ' rows' "
            "FROM plan WHERE class = 'tally:null_key'",
            [plan_no, plan_no],
        )
        last = session.fetch("SELECT max(seq) FROM plan")[0][0] or 0
    survey = Survey()
    for rows in read_chunks(store, columns, 1, last):
        encoded = encoder.encode(rows)
        with store.session() as session, session.transaction():
            _record(session, plan_no, encoded, own_ids=own_ids)
        _count(survey, encoded, mask)
        _weigh(survey, rows.column("lane"), encoded.payload)
    if own_ids:
        with store.session() as session, session.transaction():
            _reject_duplicate_ids(session, plan_no, survey)
    return survey


def _weigh(survey: Survey, lanes: pa.Array, payload: pa.BinaryArray) -> None:
    """Add calls and bytes (each with the comma behind it) to their lanes."""
    sent = payload.is_valid()
    sizes = pc.binary_length(payload.filter(sent)).cast(pa.int64())
    weights = pa.table({"lane": lanes.filter(sent), "bytes": sizes}).group_by("lane")
    for row in weights.aggregate([("bytes", "sum"), ("bytes", "count")]).to_pylist():
        calls, size = survey.lanes.get(row["lane"], (0, 0))
        calls, size = calls + row["bytes_count"], size + row["bytes_sum"] + row["bytes_count"]
        survey.lanes[row["lane"]] = (calls, size)


def _reject_duplicate_ids(session: Session, plan_no: int, survey: Survey) -> None:
    """Reject every record whose mapped messageId stands on another one too.

    The API would take one of them and drop the others without a word.
    """
    twice = (
        f"SELECT seq, message_id, bytes FROM plan_ids WHERE plan_no = {plan_no} AND message_id IN "
        f"(SELECT message_id FROM plan_ids WHERE plan_no = {plan_no} "
        "GROUP BY 1 HAVING count(*) > 1)"
    )
    found = session.fetch(
        f"SELECT p.record_id, t.message_id, p.lane, t.bytes FROM ({twice}) AS t "
        "JOIN plan AS p ON p.seq = t.seq ORDER BY t.seq"
    )
    if not found:
        return
    session.execute(
        "INSERT INTO rejects SELECT ?, t.seq, p.record_id, 'duplicate_message_id', 'message_id', "
        f"t.message_id, ? FROM ({twice}) AS t JOIN plan AS p ON p.seq = t.seq",
        [plan_no, _TWICE],
    )
    session.execute(
        f"DELETE FROM plan_users WHERE plan_no = {plan_no} AND seq IN (SELECT seq FROM rejects "
        f"WHERE plan_no = {plan_no} AND code = 'duplicate_message_id')"
    )
    survey.rejected += len(found)
    survey.to_send -= len(found)
    survey.rejected_by_code["duplicate_message_id"] = len(found)
    for _record_id, _message_id, lane, size in found:
        calls, total = survey.lanes[lane]
        survey.lanes[lane] = (calls - 1, total - size - 1)
    survey.samples.extend(
        Rejection(record_id, "duplicate_message_id", "message_id", message_id, _TWICE)
        for record_id, message_id, _lane, _size in found[:_SAMPLES_PER_CODE]
    )


def _record(session: Session, plan_no: int, encoded: EncodedBatch, *, own_ids: bool) -> None:
    if encoded.violations:
        at = [violation.row for violation in encoded.violations]
        places = pa.array(at, pa.int64())
        broken = {
            "plan_no": pa.array([plan_no] * len(at), pa.int64()),
            "seq": encoded.seq.take(places),
            "record_id": encoded.record_id.take(places),
            "code": [violation.code for violation in encoded.violations],
            "field": [violation.field for violation in encoded.violations],
            "found": [violation.found for violation in encoded.violations],
            "message": [violation.message for violation in encoded.violations],
        }
        session.append("rejects", pa.RecordBatch.from_pydict(broken))
    if encoded.selected is not None:
        left = encoded.seq.filter(pa.array([not chosen for chosen in encoded.selected]))
        if len(left):
            facts = {"plan_no": pa.array([plan_no] * len(left), pa.int64()), "seq": left}
            session.append("skipped", pa.RecordBatch.from_pydict(facts))
    _record_sent(session, plan_no, encoded, own_ids=own_ids)


def _record_sent(session: Session, plan_no: int, encoded: EncodedBatch, *, own_ids: bool) -> None:
    calls = [call for call in encoded.calls if call is not None]
    if not calls:
        return
    rows = {
        "plan_no": pa.repeat(plan_no, len(calls)),
        "seq": encoded.seq.filter(encoded.payload.is_valid()),
    }
    users = {**rows, "user_hash": pa.array([billed_user(call) for call in calls], pa.string())}
    session.append("plan_users", pa.RecordBatch.from_pydict(users), hashed="user_hash")
    if own_ids:
        made = [call["messageId"] for call in calls]
        sizes = pc.binary_length(encoded.payload.filter(encoded.payload.is_valid()))
        ids = {**rows, "message_id": pa.array(made, pa.string()), "bytes": sizes}
        session.append("plan_ids", pa.RecordBatch.from_pydict(ids))


def billed_user(call: Mapping[str, Any]) -> str:
    """Return whom Segment bills for a call: its userId, else its anonymousId."""
    user = call.get("userId")
    return f"a{call.get('anonymousId')}" if user is None else f"u{user}"


def _count(survey: Survey, encoded: EncodedBatch, mask: Sequence[str]) -> None:
    sent = len(encoded.payload) - encoded.payload.null_count
    unselected = 0 if encoded.selected is None else encoded.selected.count(False)
    survey.seen += len(encoded.payload)
    survey.skipped += unselected
    survey.to_send += sent
    survey.rejected += len(encoded.payload) - sent - unselected
    survey.rejected_by_code.update(
        code for _row, code in {(v.row, v.code) for v in encoded.violations}
    )
    survey.warned_by_code.update(code for _row, code in {(v.row, v.code) for v in encoded.warnings})
    for violation in encoded.violations:
        if survey.sampled[violation.code] < _SAMPLES_PER_CODE:
            survey.sampled[violation.code] += 1
            survey.samples.append(
                Rejection(
                    encoded.record_id[violation.row].as_py(),
                    violation.code,
                    violation.field,
                    mask_found(violation.field, violation.found, mask),
                    violation.message,
                )
            )
    for call in encoded.calls:
        if len(survey.first_calls) >= _FIRST_CALLS:
            break
        if call is not None:
            survey.first_calls.append(orjson.dumps(mask_call(call, mask)).decode())
