"""A frozen plan judged: survey its rows, count every record, evaluate the gates, report."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from segment_assets.blueprint import Blueprint
from segment_assets.errors import ModelError
from segment_assets.handoff import GateResult, PlanReport, Rejection
from segment_assets.law import check_plan
from segment_assets.ledger import installation, outcomes, plans
from segment_assets.ledger.plans import PlanRow
from segment_assets.plan.diff import tallies
from segment_assets.plan.gates import evaluate_gates, is_blocked
from segment_assets.seams import Session, StateStore, Warehouse
from segment_assets.survey import Survey, survey_plan

#: The mapping's messageId where a user declares none: the plan's own.
_PLAIN_ID = {"@path": "$.messageId"}


def judge(
    store: StateStore,
    warehouse: Warehouse,
    blueprint: Blueprint,
    plan: PlanRow,
    *,
    mask: Sequence[str],
    rate: float | None,
    started: float,
) -> PlanReport:
    """Survey the frozen rows, evaluate the gates, and record the plan as approved or blocked.

    Raises `ModelError` (`key_type_changed`); the plan then stays unfinished, and nothing is sent.
    """
    spec = blueprint.spec
    survey = survey_plan(
        store,
        plan.plan_no,
        blueprint.encoder(),
        len(blueprint.read_columns),
        mask,
        own_ids=spec.fields.get("message_id", _PLAIN_ID) != _PLAIN_ID,
    )
    with store.session() as session:
        counts = _counts(session, plan.plan_no, survey)
        _check_key(session, blueprint, plan, counts)
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
        counts={name: count for name, count in counts.items() if name not in {"met", "unmatched"}},
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
        "key": [blueprint.key.name, blueprint.key.type],
        "when": sorted(spec.when),
    }
    with store.session() as session:
        plans.record(
            session, plan.plan_no, plan.plan_id, report.status, plan.mapping_hash, detail=detail
        )
    return report


def _counts(session: Session, plan_no: int, survey: Survey) -> Mapping[str, int]:
    counts = tallies(
        session.fetch(
            "SELECT class, op, row_count, record_count FROM plan WHERE class LIKE 'tally:%'"
        )
    )
    skipped = session.fetch("SELECT count(*) FROM skipped WHERE plan_no = ?", [plan_no])
    counts["unselected"] += skipped[0][0]
    counts["planned"] = outcomes.count_planned(session, plan_no)
    counts["rejected"], counts["to_send"] = survey.rejected, survey.to_send
    return counts


def _check_key(
    session: Session, blueprint: Blueprint, plan: PlanRow, counts: Mapping[str, int]
) -> None:
    """Refuse a plan in which the key's type changed and with it the text of every key.

    Each record would be deleted and added again under another name.
    """
    if not counts["live_before"] or not counts["records"] or counts["met"]:
        return
    key = blueprint.key
    earlier = (row.detail.get("key") for row in plans.history(session, plan.plan_no))
    before = next((found for found in earlier if found is not None), None)
    if before is None or before[0] != key.name or before[1] == key.type:
        return
    raise ModelError(
        f"{blueprint.spec.full_name}: key_type_changed: the primary key {key.name} was "
        f"{before[1]} and is {key.type}, and none of {counts['live_before']:,} records is found "
        "under its new text. Cast the key to text in the model as it was before; nothing was sent",
        code="key_type_changed",
    )


def _with_held(survey: Survey, counts: Mapping[str, int]) -> dict[str, int]:
    held = {code: counts[code] for code in ("null_key", "duplicate_key") if counts[code]}
    found = sorted(survey.rejected_by_code.items(), key=lambda item: (-item[1], item[0]))
    return {**dict(found), **held}


def _notes(counts: Mapping[str, int], blueprint: Blueprint) -> tuple[str, ...]:
    notes = []
    if counts["adopted"]:
        notes.append(
            f"the mapping reads other columns now: {counts['adopted']:,} records whose earlier "
            "columns are unchanged are adopted, not sent again"
        )
    if counts["other_mapping"]:
        notes.append(
            f"{counts['other_mapping']:,} unchanged records were sent under an earlier form of the "
            "mapping: they take the new form with their next change"
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
