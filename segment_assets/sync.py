"""The flow of one sync: `plan_sync` freezes and checks, `deliver_plan` sends and settles.

Start reading here. Each function holds the sync's lease while it works, so that one plan or
delivery of a sync runs at a time, and leaves the state such that the next run can go on from it,
wherever this one is killed.
"""

import time
from collections.abc import Callable, Sequence
from uuid import uuid4

from segment_assets import closing, judging, opening
from segment_assets.blueprint import draw_blueprint
from segment_assets.delivery import DeliveryOptions
from segment_assets.errors import Busy, PlanNotApproved, StateError
from segment_assets.handoff import Connection, PlanReport, SyncReport, SyncSpec
from segment_assets.ledger import plans, tables
from segment_assets.seams import Warehouse
from segment_assets.sender import Sender


def plan_sync(
    spec: SyncSpec, warehouse: Warehouse, *, mask: Sequence[str] = (), rate: float | None = 1000.0
) -> PlanReport:
    """Freeze what changed, map and check every row, and judge the gates. Nothing is sent.

    An approved or half-delivered plan of the same mapping is returned as it is (`resumed`): it is
    delivered first. `mask` are words of keys whose values samples hide, `rate` calls per second.
    Raises `Busy`, `ModelError`, `MappingError`, `StateError`.
    """
    started = time.monotonic()
    store = warehouse.state(spec.destination, spec.name)
    with store.lease(f"a plan of {spec.full_name}"):
        blueprint = draw_blueprint(spec, warehouse)
        with store.session() as session:
            tables.prepare(session, store.location)
            last = plans.latest(session)
        if last is not None and opening.can_go_on(last, spec):
            return judging.stored_report(last, resumed=True)
        opening.clear_the_way(store, warehouse, spec, last)
        opened = opening.freeze(store, warehouse, blueprint, last)
        return judging.judge(
            store, warehouse, blueprint, opened, mask=mask, rate=rate, started=started
        )


def approve_plan(
    spec: SyncSpec, warehouse: Warehouse, plan_id: str, *, reason: str, by: str
) -> None:
    """Let a blocked plan be delivered; who and why are recorded with it.

    Raises `PlanNotApproved` when it isn't this sync's open blocked plan, naming the one that is.
    """
    store = warehouse.state(spec.destination, spec.name)
    with store.lease(f"an approval of {spec.full_name}"), store.session() as session:
        tables.prepare(session, store.location)
        last = plans.latest(session)
        if last is None or last.plan_id != plan_id:
            newest = "there is no plan" if last is None else f"the newest is {last.plan_id}"
            raise PlanNotApproved(
                f"{spec.full_name}: plan {plan_id} can't be approved: {newest}"
                + ("" if last is None else f" ({last.status})")
            )
        if last.status != "blocked":
            raise PlanNotApproved(
                f"{spec.full_name}: plan {plan_id} is {last.status}; "
                "only a blocked plan is approved"
            )
        if last.is_expired(plans.utc_now()):
            raise PlanNotApproved(
                f"{spec.full_name}: plan {plan_id} is older than 24 hours; "
                f"plan again: segment-assets plan {spec.full_name}"
            )
        approval = {"by": by, "reason": reason, "at": plans.utc_now().isoformat() + "Z"}
        detail = {**last.detail, "approval": approval}
        plans.record(session, last.plan_no, plan_id, "approved", last.mapping_hash, detail=detail)


def deliver_plan(
    spec: SyncSpec,
    warehouse: Warehouse,
    connection: Connection,
    *,
    holder: str = "",
    should_stop: Callable[[], str | None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    options: DeliveryOptions | None = None,
) -> SyncReport:
    """Claim the approved plan, send its calls, settle every record, and assert the law.

    `finished` is false when records stay pending, uncertain or owed; the next plan takes them up.
    The model isn't looked at: an approved plan is delivered even when its table is gone or held.
    Raises `PlanNotApproved`, `PlanBlocked`, `Busy`, `CredentialError` (before anything is sent),
    `MappingError`, `StateError` (the plan is kept) and `LawBroken`.
    """
    store = warehouse.state(spec.destination, spec.name)
    with store.lease(holder or f"a delivery of {spec.full_name}"):
        with store.session() as session:
            tables.prepare(session, store.location)
            last = plans.latest(session)
        plan = closing.require_approved(spec, last)
        sender = Sender(
            store, spec, plan, should_stop=should_stop, on_progress=on_progress, options=options
        )
        warnings = closing.prove_connection(plan, connection)
        token = uuid4().hex
        with store.session() as session:
            plans.record(
                session, plan.plan_no, plan.plan_id, "sending", plan.mapping_hash, token=token
            )
        try:
            delivery = sender.send(connection, token)
        except (Busy, StateError):
            raise  # the plan is kept: what can't be written now is settled by the next run
        except BaseException:
            closing.leave(store, warehouse, spec, plan)
            raise
        delivery.warnings[:0] = warnings
        return closing.close(store, warehouse, spec, plan, delivery)
