"""The second half of a sync, step by step: claim, prove, then settle what was sent."""

from collections.abc import Mapping
from typing import Any

from segment_assets.delivery import prove_key
from segment_assets.errors import PlanBlocked, PlanNotApproved
from segment_assets.handoff import Connection, DeliveryReport, SyncReport, SyncSpec
from segment_assets.law import check_delivery, check_plan
from segment_assets.ledger import installation, outcomes, plans, retention, tables
from segment_assets.ledger.plans import PlanRow
from segment_assets.plan.identity import mapping_hash
from segment_assets.seams import Session, StateStore, Warehouse


def require_approved(spec: SyncSpec, plan: PlanRow | None) -> PlanRow:
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
    if not is_made_for(plan, spec):
        raise PlanNotApproved(
            f"{spec.full_name}: the mapping was edited after plan {plan.plan_id} was made; {again}"
        )
    if plan.is_expired(plans.utc_now()):
        raise PlanNotApproved(
            f"{spec.full_name}: plan {plan.plan_id} is older than 24 hours; {again}"
        )
    return plan


def is_made_for(plan: PlanRow, spec: SyncSpec) -> bool:
    """Say whether the sync is declared as it was when the plan was made: its calls and `when`."""
    when = plan.detail.get("when", sorted(spec.when))
    return plan.mapping_hash == mapping_hash(spec) and when == sorted(spec.when)


def prove_connection(plan: PlanRow, connection: Connection) -> list[str]:
    """Prove the write key before anything is sent; return warnings.

    Raises `CredentialError` on a definite no. A plan without calls asks nobody.
    """
    if not plan.detail["report"]["calls"]:
        return []
    warning = prove_key(connection).warning
    return [] if warning is None else [warning]


def close(
    store: StateStore,
    warehouse: Warehouse,
    spec: SyncSpec,
    plan: PlanRow,
    delivery: DeliveryReport,
) -> SyncReport:
    """Count the outcomes, assert the law, settle, and report."""
    law = check_plan(spec.full_name, plan.plan_id, plan.detail["report"]["counts"])
    with store.session() as session, outcomes.told(session, plan, store.marks()):
        counts = _count(session, plan)
        planned = counts["planned"]
        law += check_delivery(spec.full_name, plan.plan_id, planned, counts)
        _settle_or_keep(session, warehouse, spec, plan, {"outcomes": counts, "law": law})
    _drop_closed(store)
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


def leave(store: StateStore, warehouse: Warehouse, spec: SyncSpec, plan: PlanRow) -> None:
    """Settle what a delivery that raised or was cancelled has sent; the error says the rest."""
    with store.session() as session, outcomes.told(session, plan, store.marks()):
        counts = _count(session, plan)
        _settle_or_keep(session, warehouse, spec, plan, {"outcomes": counts})
    _drop_closed(store)


def settle_plan(
    store: StateStore, warehouse: Warehouse, spec: SyncSpec, plan: PlanRow, status: str
) -> None:
    """Close a plan that won't be delivered any more; what it sent goes into the ledger.

    A plan that is given up before its first call leaves nothing in the ledger: the next plan
    judges its rows anew, or a plan that was blocked would be green at the second try.
    """
    with store.session() as session:
        if plan.status == "sending" and plans.has_frozen_rows(session):
            with outcomes.told(session, plan, store.marks()):
                _settle(session, warehouse, spec, plan, status=status, detail=plan.detail)
        else:
            plans.record(session, plan.plan_no, plan.plan_id, status, plan.mapping_hash)
    _drop_closed(store)


def _count(session: Session, plan: PlanRow) -> dict[str, int]:
    found = outcomes.count_outcomes(session)
    planned = outcomes.count_planned(session, plan.plan_no)
    counts = {"planned": planned, **found, "rejected_by_api": found["owed"]}
    del counts["owed"], counts["unselected"]
    return counts


def _settle_or_keep(
    session: Session,
    warehouse: Warehouse,
    spec: SyncSpec,
    plan: PlanRow,
    result: Mapping[str, Any],
) -> None:
    """Settle the plan; keep it approved if no call of it can have been taken by the API."""
    counts = result["outcomes"]
    sent = counts["accepted"] + counts["uncertain"] + counts["rejected_by_api"]
    if counts["pending"] and not sent:
        plans.record(session, plan.plan_no, plan.plan_id, "approved", plan.mapping_hash)
    else:
        detail = {**plan.detail, **result}
        _settle(session, warehouse, spec, plan, status="done", detail=detail)


def _settle(
    session: Session,
    warehouse: Warehouse,
    spec: SyncSpec,
    plan: PlanRow,
    *,
    status: str,
    detail: Mapping[str, Any],
) -> None:
    """Write the month first (idempotent), then ledger and status in one transaction."""
    installation.add_month(session, warehouse.installation(), spec, plan.plan_no)
    generation = tables.generation(session)
    outcomes.settle(
        session, plan, generation, status, remember=status == "done", detail=dict(detail)
    )
    outcomes.compact(session, generation)


def _drop_closed(store: StateStore) -> None:
    """Drop the rows and marks of the newest plan, unless it is still open."""
    with store.session() as session:
        last = plans.latest(session)
        if last is not None and last.status in plans.OPEN:
            return
        retention.drop_plan(session)
        retention.prune(session, tables.generation(session))
    store.marks().forget()
