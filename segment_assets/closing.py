"""The second half of a sync, step by step: claim, prove, send, settle."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from segment_assets.blueprint import Blueprint
from segment_assets.delivery import DeliveryOptions, deliver, prove_key
from segment_assets.errors import PlanBlocked, PlanNotApproved
from segment_assets.handoff import (
    Column,
    Connection,
    DeliveryReport,
    SeqRange,
    SyncReport,
    SyncSpec,
)
from segment_assets.law import check_delivery, check_plan
from segment_assets.ledger import installation, outcomes, plans, tables
from segment_assets.ledger.plans import PlanRow
from segment_assets.ledger.recorder import LedgerRecorder
from segment_assets.seams import StateStore, Warehouse
from segment_assets.survey import read_chunks


def require_approved(spec: SyncSpec, plan: PlanRow | None, mapping_hash: str) -> PlanRow:
    """Return the plan to deliver. Raises `PlanBlocked` or `PlanNotApproved`, saying what to do."""
    again = f"plan again: segment-assets plan {spec.full_name}"
    if plan is None or plan.status not in plans.OPEN:
        raise PlanNotApproved(f"{spec.full_name}: there is no open plan; {again}")
    if plan.status == "blocked":
        gates = plan.detail["report"]["gates"]
        reasons = tuple(gate["sentence"] for gate in gates if gate["status"] == "blocked")
        raise PlanBlocked(spec.full_name, plan.plan_id, reasons)
    if plan.status == "building":
        raise PlanNotApproved(
            f"{spec.full_name}: plan {plan.plan_id} was never finished; nothing was sent; {again}"
        )
    if plan.mapping_hash != mapping_hash:
        raise PlanNotApproved(
            f"{spec.full_name}: the mapping was edited after plan {plan.plan_id} was made; {again}"
        )
    if plan.is_expired(plans.utc_now()):
        raise PlanNotApproved(
            f"{spec.full_name}: plan {plan.plan_id} is older than 24 hours; {again}"
        )
    return plan


def prove_connection(plan: PlanRow, connection: Connection) -> list[str]:
    """Prove the write key before anything is sent; return warnings.

    Raises `CredentialError` on a definite no. A plan without calls asks nobody.
    """
    if not plan.detail["report"]["calls"]:
        return []
    warning = prove_key(connection).warning
    return [] if warning is None else [warning]


class Sender:
    """The calls of one plan, read from the frozen rows and mapped again to the same bytes."""

    def __init__(
        self,
        store: StateStore,
        blueprint: Blueprint,
        plan: PlanRow,
        token: str,
        should_stop: Callable[[], str | None] | None,
        on_progress: Callable[[int, int], None] | None,
        options: DeliveryOptions | None,
    ) -> None:
        self._store, self._plan, self._token = store, plan, token
        self._should_stop, self._on_progress = should_stop, on_progress
        self._options = options
        self._columns = [Column(name, kind) for name, kind in plan.detail["columns"]]
        self._encoder = blueprint.encoder(self._columns)
        self._calls = int(plan.detail["report"]["calls"])
        with store.session() as session:
            self._unsent = _rejected(session, plan.plan_no)

    def send(self, connection: Connection) -> DeliveryReport:
        """Deliver what isn't decided yet."""
        if not self._calls:
            return DeliveryReport()
        recorder = LedgerRecorder(self._store, self._plan.plan_no, self._token, self._should_stop)
        return deliver(
            self, recorder, connection, options=self._options, on_progress=self._progress
        )

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
        decided = (
            "SELECT p.seq FROM plan AS p JOIN marks AS m ON p.seq BETWEEN m.seq_from AND m.seq_to "
            f"WHERE m.plan_no = {self._plan.plan_no} AND m.status IN ('accepted', 'refused')"
        )
        with self._store.session() as session:
            again = session.fetch(
                "SELECT count(*) FROM marks WHERE plan_no = ?", [self._plan.plan_no]
            )[0][0]
        omit = decided if again else ""
        for rows in read_chunks(self._store, len(self._columns), lane.first, lane.last, omit):
            encoded = self._encoder.encode(rows)
            yield encoded.seq, self._without_rejected(encoded.seq, encoded.payload)

    def _without_rejected(self, seq: pa.Array, payload: pa.BinaryArray) -> pa.BinaryArray:
        """Null what the plan rejected: a call that wasn't planned is never sent."""
        if not len(self._unsent):
            return payload
        barred = pc.is_in(seq, value_set=self._unsent)
        return pc.if_else(barred, pa.scalar(None, payload.type), payload)


def _rejected(session: Any, plan_no: int) -> pa.Array:
    rows = session.read(
        f"SELECT seq FROM rejects WHERE plan_no = {plan_no} AND seq IS NOT NULL "
        f"UNION SELECT seq FROM skipped WHERE plan_no = {plan_no} ORDER BY 1"
    )
    return rows.column("seq").cast(pa.int64())


def settle_plan(
    store: StateStore,
    warehouse: Warehouse,
    spec: SyncSpec,
    plan: PlanRow,
    *,
    status: str = "done",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write what is known into the ledger, close the plan, then drop its rows.

    Month users come first (idempotent), the ledger and the plan's status in one transaction next.
    """
    with store.session() as session:
        if not plans.has_frozen_rows(session):
            plans.record(session, plan.plan_no, plan.plan_id, status, plan.mapping_hash)
            return
        installation.add_month(session, warehouse.installation(), spec, plan.plan_no)
        generation = tables.generation(session)
        facts = dict(plan.detail) if detail is None else dict(detail)
        outcomes.settle(session, plan, generation, status, detail=facts)
        outcomes.drop_plan(session)
        outcomes.compact(session, generation)


def close(
    store: StateStore,
    warehouse: Warehouse,
    spec: SyncSpec,
    plan: PlanRow,
    delivery: DeliveryReport,
) -> SyncReport:
    """Count the outcomes, assert the law, settle, and report.

    A plan of which nothing left this machine stays approved: the next run goes on with it.
    """
    with store.session() as session:
        found = outcomes.count_outcomes(session, plan.plan_no)
        planned = session.fetch(
            "SELECT count(*) FROM plan WHERE seq IS NOT NULL "
            "AND seq NOT IN (SELECT seq FROM skipped)"
        )[0][0]
    counts = {"planned": planned, **found, "rejected_by_api": found["owed"]}
    del counts["owed"], counts["unselected"]
    law = check_plan(spec.full_name, plan.plan_id, plan.detail["report"]["counts"])
    law += check_delivery(spec.full_name, plan.plan_id, planned, counts)
    untouched = counts["pending"] and not (
        counts["accepted"] or counts["uncertain"] or counts["rejected_by_api"]
    )
    detail = {**plan.detail, "outcomes": counts, "law": law}
    if untouched:
        with store.session() as session:
            plans.record(session, plan.plan_no, plan.plan_id, "approved", plan.mapping_hash)
    else:
        settle_plan(store, warehouse, spec, plan, detail=detail)
    owed = counts["pending"] + counts["uncertain"] + counts["rejected_by_api"]
    if owed and delivery.failure is None:
        delivery.failure_code = "rejected_by_api" if counts["rejected_by_api"] else "endpoint_error"
        delivery.failure = f"{owed:,} of {planned:,} planned records are owed"
    return SyncReport(
        sync=spec.full_name,
        plan_id=plan.plan_id,
        counts=counts,
        law=law,
        delivery=delivery,
        finished=not owed,
    )


