"""The first half of a sync, step by step: make way for a new plan, then freeze it."""

from collections.abc import Sequence
from uuid import uuid4

from segment_assets.blueprint import Blueprint
from segment_assets.closing import is_made_for, settle_plan
from segment_assets.handoff import Column, SyncSpec
from segment_assets.ledger import column_lists, installation, plans, retention, tables
from segment_assets.ledger.column_lists import ColumnList
from segment_assets.ledger.plans import PlanRow
from segment_assets.plan.diff import DiffFacts, freeze_statement
from segment_assets.seams import StateStore, Warehouse

#: Earlier column lists that are compared; each costs a fingerprint per row.
_MAX_LISTS = 3


def can_go_on(last: PlanRow, spec: SyncSpec) -> bool:
    """Say whether an open plan is to be delivered before a new one is made."""
    return (
        last.status in {"approved", "sending"}
        and is_made_for(last, spec)
        and not last.is_expired(plans.utc_now())
    )


def clear_the_way(
    store: StateStore, warehouse: Warehouse, spec: SyncSpec, last: PlanRow | None
) -> None:
    """Settle what is known of an earlier plan that won't be delivered any more, and drop it."""
    if last is not None and last.status in plans.OPEN:
        status = "expired" if last.is_expired(plans.utc_now()) else "superseded"
        settle_plan(store, warehouse, spec, last, status)
        return
    with store.session() as session:  # killed between settling a plan and dropping its rows
        retention.drop_plan(session)


def freeze(
    store: StateStore, warehouse: Warehouse, blueprint: Blueprint, last: PlanRow | None
) -> PlanRow:
    """Record that a plan is being built, then make it with one statement."""
    spec = blueprint.spec
    plan_no = 1 if last is None else last.plan_no + 1
    plan_id = f"{spec.destination}.{spec.name}.{plan_no}.{uuid4().hex[:6]}"
    names = [column.name for column in blueprint.read_columns]
    with store.session() as session, session.transaction():
        generation = tables.generation(session)
        used = column_lists.used_lists(session, generation)
        column_lists.use_list(session, plan_no, names)
        plans.record(session, plan_no, plan_id, "building", blueprint.mapping_hash)
    owner = installation.installation_id(warehouse.installation())
    old, lost = _earlier_columns(used, blueprint)
    facts = DiffFacts(
        relation=warehouse.relation(spec.model),
        is_base_table=warehouse.is_base_table(spec.model),
        key=blueprint.key,
        read_columns=blueprint.read_columns,
        old_columns=old,
        lost_plans=lost,
        lane_columns=blueprint.lane_columns,
        order_column=blueprint.order_column,
        state=tables.current_state(store.prefix, generation),
        when=spec.when,
        mapping_hash=blueprint.mapping_hash,
        identity=(f"{owner}|{spec.destination}|{spec.name}|{generation}|{blueprint.mapping_hash}|"),
        now=plans.utc_now().isoformat(" ", "seconds"),
    )
    store.freeze(freeze_statement(facts, warehouse.dialect, store.prefix), spec.model)
    now = plans.utc_now()
    return PlanRow(plan_no, plan_id, "building", blueprint.mapping_hash, {}, now, now)


def _earlier_columns(
    used: Sequence[ColumnList], blueprint: Blueprint
) -> tuple[list[Sequence[Column]], list[tuple[int, int]]]:
    """Return the earlier column lists to compare by, and the plans whose list can't be read."""
    names_now = tuple(column.name for column in blueprint.read_columns)
    here = {column.name: column for column in blueprint.all_columns}
    old: dict[tuple[str, ...], Sequence[Column]] = {}
    lost: list[tuple[int, int]] = []
    for columns in used:
        if columns.names == names_now or columns.names in old:
            continue
        if len(old) < _MAX_LISTS and all(name in here for name in columns.names):
            old[columns.names] = [here[name] for name in columns.names]
        else:
            lost.append((columns.first_plan_no, columns.last_plan_no))
    return list(old.values()), lost
