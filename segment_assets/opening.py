"""The first half of a sync, step by step: make way, freeze, survey, judge."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import uuid4

from segment_assets.blueprint import Blueprint
from segment_assets.closing import settle_plan
from segment_assets.handoff import Column, GateResult, PlanReport, Rejection, SyncSpec
from segment_assets.law import check_plan
from segment_assets.ledger import installation, outcomes, plans, tables
from segment_assets.ledger.plans import PlanRow
from segment_assets.plan.diff import DiffFacts, freeze_statement, tallies
from segment_assets.plan.gates import evaluate_gates, is_blocked
from segment_assets.seams import StateStore, Warehouse
from segment_assets.survey import Survey, survey_plan


def can_go_on(last: PlanRow, blueprint: Blueprint) -> bool:
    """Say whether an open plan is to be delivered before a new one is made."""
    return (
        last.status in {"approved", "sending"}
        and last.mapping_hash == blueprint.mapping_hash
        and not last.is_expired(plans.utc_now())
    )


def clear_the_way(
    store: StateStore, warehouse: Warehouse, spec: SyncSpec, last: PlanRow | None
) -> None:
    """Settle what is known of an earlier plan that won't be delivered any more, and drop it."""
    if last is not None and last.status in plans.OPEN:
        status = "expired" if last.is_expired(plans.utc_now()) else "superseded"
        settle_plan(store, warehouse, spec, last, status=status)
    with store.session() as session:
        outcomes.drop_plan(session)


def freeze(
    store: StateStore, warehouse: Warehouse, blueprint: Blueprint, last: PlanRow | None
) -> PlanRow:
    """Record that a plan is being built, then make it with one statement."""
    spec = blueprint.spec
    plan_no = 1 if last is None else last.plan_no + 1
    plan_id = f"{spec.destination}.{spec.name}.{plan_no}.{uuid4().hex[:6]}"
    with store.session() as session:
        generation = tables.generation(session)
        basis = last_basis(session)
        plans.record(session, plan_no, plan_id, "building", blueprint.mapping_hash)
    owner = installation.installation_id(warehouse.installation())
    facts = DiffFacts(
        relation=warehouse.relation(spec.model),
        is_base_table=warehouse.is_base_table(spec.model),
        key=blueprint.key,
        read_columns=blueprint.read_columns,
        old_columns=_old_columns(basis, blueprint),
        lane_columns=blueprint.lane_columns,
        order_column=blueprint.order_column,
        state=tables.current_state(store.prefix, generation),
        when=spec.when,
        mapping_hash=blueprint.mapping_hash,
        identity=f"{owner}|{spec.destination}|{spec.name}|{generation}|",
        now=plans.utc_now().isoformat(" ", "seconds"),
    )
    store.freeze(freeze_statement(facts, warehouse.dialect, store.prefix), spec.model)
    now = plans.utc_now()
    return PlanRow(plan_no, plan_id, "building", blueprint.mapping_hash, {}, now, now)


def last_basis(session: Any) -> list[str] | None:
    """Return the columns that the ledger's fingerprints are over: those of the last done plan."""
    for plan in plans.history(session, 1_000):
        if plan.status == "done" and "columns" in plan.detail:
            return [str(name) for name, _type in plan.detail["columns"]]
    return None


def _old_columns(basis: list[str] | None, blueprint: Blueprint) -> Sequence[Column] | None:
    """Return the earlier column list where it differs and can still be read, else None."""
    if basis is None or basis == [column.name for column in blueprint.read_columns]:
        return None
    here = {column.name: column for column in blueprint.all_columns}
    return [here[name] for name in basis] if all(name in here for name in basis) else None


def judge(
    store: StateStore,
    warehouse: Warehouse,
    blueprint: Blueprint,
    plan: PlanRow,
    mask: Sequence[str],
    rate: float | None,
    started: float,
) -> PlanReport:
    """Survey the frozen rows, evaluate the gates, and record the plan as approved or blocked."""
    spec = blueprint.spec
    own_ids = spec.fields.get("message_id") != {"@path": "$.messageId"} and (
        "message_id" in spec.fields
    )
    survey = survey_plan(
        store, plan.plan_no, blueprint.encoder(), len(blueprint.read_columns), mask, own_ids=own_ids
    )
    with store.session() as session:
        counts = _counts(session, survey)
        check_plan(spec.full_name, plan.plan_id, counts)
        new_users = installation.count_new_users(
            session, warehouse.installation(), spec.destination, plan.plan_no
        )
    gates = evaluate_gates(
        spec.gates,
        counts,
        calls=survey.to_send,
        new_users=new_users,
        deletes="deleted" in spec.when,
    )
    report = PlanReport(
        sync=spec.full_name,
        plan_id=plan.plan_id,
        plan_no=plan.plan_no,
        status="blocked" if is_blocked(gates) else "approved",
        counts=counts,
        rejected_by_code=_with_held(survey, counts),
        warned_by_code=dict(survey.warned_by_code),
        samples=tuple(survey.samples),
        gates=gates,
        calls=survey.to_send,
        new_users=new_users,
        bytes_to_send=survey.bytes_to_send,
        batches=survey.batches,
        seconds_at_rate=math.ceil(survey.to_send / rate) if rate else 0.0,
        first_calls=tuple(survey.first_calls),
        seconds=round(time.monotonic() - started, 3),
        notes=_notes(counts, blueprint),
    )
    detail = {
        "report": asdict(report),
        "columns": [[column.name, column.type] for column in blueprint.read_columns],
    }
    with store.session() as session:
        plans.record(
            session, plan.plan_no, plan.plan_id, report.status, plan.mapping_hash, detail=detail
        )
    return report


def _counts(session: Any, survey: Survey) -> Mapping[str, int]:
    rows = session.fetch(
        "SELECT class, op, row_count, record_count FROM plan WHERE class LIKE 'tally:%'"
    )
    counts = tallies(rows)
    counts["unselected"] += session.fetch("SELECT count(*) FROM skipped")[0][0]
    counts["planned"] = session.fetch(
        "SELECT count(*) FROM plan WHERE seq IS NOT NULL AND seq NOT IN (SELECT seq FROM skipped)"
    )[0][0]
    counts["rejected"], counts["to_send"] = survey.rejected, survey.to_send
    return counts


def _with_held(survey: Survey, counts: Mapping[str, int]) -> dict[str, int]:
    held = {code: counts[code] for code in ("null_key", "duplicate_key") if counts[code]}
    return {**dict(survey.rejected_by_code.most_common()), **held}


def _notes(counts: Mapping[str, int], blueprint: Blueprint) -> tuple[str, ...]:
    notes = []
    if counts["adopted"]:
        notes.append(
            f"the mapping reads other columns now: {counts['adopted']:,} records whose earlier "
            "columns are unchanged are adopted, not sent again"
        )
    if blueprint.is_unbounded:
        notes.append(
            "the mapping can read any column, so a change in any column of the model is a change"
        )
    return tuple(notes)


def stored_report(plan: PlanRow, *, resumed: bool = False) -> PlanReport:
    """Return a plan's report as it was recorded, with its status now."""
    facts = dict(plan.detail["report"])
    facts["samples"] = tuple(Rejection(**sample) for sample in facts["samples"])
    facts["gates"] = tuple(GateResult(**gate) for gate in facts["gates"])
    for name in ("first_calls", "notes"):
        facts[name] = tuple(facts[name])
    return replace(PlanReport(**facts), status=plan.status, resumed=resumed)
