"""The calls of one plan, read from the frozen rows and mapped again to the same bytes."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segment_assets.delivery import DeliveryOptions, deliver
from segment_assets.encoder import RowEncoder
from segment_assets.handoff import Column, Connection, DeliveryReport, SeqRange, SyncSpec
from segment_assets.ledger.plans import PlanRow
from segment_assets.ledger.recorder import LedgerRecorder
from segment_assets.seams import Encoder, Session, StateStore
from segment_assets.survey import read_chunks


class Sender:
    """Delivers a plan: the `CallSource` of its calls. The model isn't looked at any more.

    Raises `MappingError` when the mapping can't be parsed.
    """

    def __init__(
        self,
        store: StateStore,
        spec: SyncSpec,
        plan: PlanRow,
        *,
        should_stop: Callable[[], str | None] | None = None,
        on_progress: Callable[[int, int], None] | None = None,
        options: DeliveryOptions | None = None,
    ) -> None:
        self._store, self._plan = store, plan
        self._should_stop, self._on_progress = should_stop, on_progress
        self._options = options
        self._columns = [Column(name, kind) for name, kind in plan.detail["columns"]]
        self._encoder: Encoder = RowEncoder(spec, self._columns)
        self._calls = int(plan.detail["report"]["calls"])
        with store.session() as session:
            self._unsent = _rejected(session, plan.plan_no)
        self._decided = _Decided(store.marks().of_plan(plan.plan_id))

    def send(self, connection: Connection, token: str) -> DeliveryReport:
        """Deliver what isn't decided yet; every mark carries the token."""
        if not self._calls:
            return DeliveryReport()
        recorder = LedgerRecorder(self._store, self._plan, token, self._should_stop)
        try:
            return deliver(
                self, recorder, connection, options=self._options, on_progress=self._progress
            )
        finally:
            recorder.close()

    def _progress(self, so_far: DeliveryReport) -> None:
        if self._on_progress is not None:
            self._on_progress(so_far.accepted + so_far.refused, self._calls)

    def lanes(self) -> Sequence[SeqRange]:
        """Return each lane's interval of sequence numbers."""
        with self._store.session() as session:
            rows = session.fetch(
                "SELECT min(seq), max(seq) FROM plan WHERE seq IS NOT NULL GROUP BY lane ORDER BY 1"
            )
        return [SeqRange(first, last) for first, last in rows]

    def read(self, lane: SeqRange) -> Iterator[tuple[pa.Array, pa.BinaryArray]]:
        """Yield (`seq`, `payload`) chunks of a lane, without what an earlier run decided."""
        for rows in read_chunks(self._store, len(self._columns), lane.first, lane.last):
            left = self._decided.leave_out(rows)
            if left.num_rows:
                encoded = self._encoder.encode(left)
                yield encoded.seq, self._without_rejected(encoded.seq, encoded.payload)

    def _without_rejected(self, seq: pa.Array, payload: pa.BinaryArray) -> pa.BinaryArray:
        """Null what the plan rejected: a call that wasn't planned is never sent."""
        if not len(self._unsent):
            return payload
        barred = pc.is_in(seq, value_set=self._unsent)
        return pc.if_else(barred, pa.scalar(None, payload.type), payload)


def _rejected(session: Session, plan_no: int) -> pa.Array:
    rows = session.read(
        f"SELECT seq FROM rejects WHERE plan_no = {plan_no} AND seq IS NOT NULL "
        f"UNION SELECT seq FROM skipped WHERE plan_no = {plan_no} ORDER BY 1"
    )
    return rows.column("seq").cast(pa.int64())


class _Decided:
    """The ranges of a plan that an earlier run settled: accepted, or refused call by call."""

    def __init__(self, marks: pa.RecordBatch) -> None:
        final = pc.is_in(marks.column("status"), value_set=pa.array(["accepted", "refused"]))
        ranges = marks.filter(final).sort_by("seq_from")
        self._starts = ranges.column("seq_from").to_numpy(zero_copy_only=False)
        ends = ranges.column("seq_to").to_numpy(zero_copy_only=False)
        self._reach = np.maximum.accumulate(ends) if len(ends) else ends

    def leave_out(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """Return the rows that no range covers."""
        if not len(self._starts):
            return rows
        seq = rows.column("seq").to_numpy(zero_copy_only=False)
        place = np.searchsorted(self._starts, seq, side="right") - 1
        is_covered = (place >= 0) & (seq <= self._reach[np.maximum(place, 0)])
        return rows.filter(pa.array(~is_covered))
