"""The life of a plan: building, blocked, approved, sending, done, superseded, expired."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from segment_assets.errors import CredentialError, PlanBlocked, PlanNotApproved
from segment_assets.handoff import Connection, Gates
from segment_assets.ledger import plans
from segment_assets.ledger.look import rejected_records, sync_status
from segment_assets.sync import approve_plan, deliver_plan
from segment_assets_tests.dying_warehouse import DyingWarehouse, Fuse, Killed
from segment_assets_tests.shop_of_one import PATHS, Receiver, Shop

BY_PLAN = {**PATHS, "timestamp": {"@path": "$.plan"}}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    with Receiver() as running:
        yield running


def _statuses(shop: Shop) -> list[tuple[int, str]]:
    return [(no, status) for no, status in shop.ask("SELECT plan_no, status FROM plans")]


def _blocked(shop: Shop) -> str:
    shop.change(gates=Gates(max_calls=1))
    report = shop.plan()
    assert report.status == "blocked"
    return report.plan_id


def test_a_plan_goes_from_building_to_done(tmp_path: Path, receiver: Receiver) -> None:
    """Each status is recorded before what it stands for begins."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.sync(receiver)

    assert _statuses(shop) == [(1, "building"), (1, "approved"), (1, "sending"), (1, "done")]


def test_an_approved_plan_is_not_replaced(tmp_path: Path, receiver: Receiver) -> None:
    """A second plan returns the first, unchanged, though rows changed since."""
    shop = Shop(tmp_path, (1, "a", "x"))
    first = shop.plan()
    shop.sql("UPDATE people SET email = 'b'")
    second = shop.plan()
    shop.deliver(receiver)
    shop.sync(receiver)

    assert (second.plan_id, second.resumed, second.counts) == (first.plan_id, True, first.counts)
    assert receiver.emails(1) == ["a", "b"]


def test_an_approved_plan_expires_after_a_day(tmp_path: Path, receiver: Receiver) -> None:
    """Values of yesterday are not sent: the plan is made anew, and says what became of the old."""
    shop = Shop(tmp_path, (1, "a", "x"))
    old = shop.plan()
    with shop.state.session() as session:
        session.execute("UPDATE plans SET recorded_at = recorded_at - INTERVAL 25 HOUR")

    with pytest.raises(PlanNotApproved, match="older than 24 hours"):
        shop.deliver(receiver)
    with pytest.raises(PlanNotApproved, match="only a blocked plan is approved"):
        approve_plan(shop.spec, shop.warehouse, old.plan_id, reason="r", by="me")
    new = shop.plan()

    assert new.plan_id != old.plan_id
    assert (1, "expired") in _statuses(shop)
    assert shop.deliver(receiver).finished


def test_a_blocked_plan_is_sent_once_a_person_approves_it(
    tmp_path: Path, receiver: Receiver
) -> None:
    """It is named by its id, and who and why are kept with it to the end."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    plan_id = _blocked(shop)
    with pytest.raises(PlanBlocked, match="max_calls allows 1") as caught:
        shop.deliver(receiver)

    approve_plan(shop.spec, shop.warehouse, plan_id, reason="a new shop", by="ada")
    resumed = shop.plan()
    shop.deliver(receiver)

    assert caught.value.plan_id == plan_id
    assert (resumed.plan_id, resumed.status) == (plan_id, "approved")
    approval = sync_status(shop.state)["plan"]["approval"]
    assert (approval["by"], approval["reason"]) == ("ada", "a new shop")
    assert receiver.emails(1) == ["a"]


def test_approving_a_superseded_plan_names_the_new_one(tmp_path: Path) -> None:
    """An id of an earlier plan approves nothing."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    old = _blocked(shop)
    new = shop.plan().plan_id

    with pytest.raises(PlanNotApproved, match=f"the newest is {new} \\(blocked\\)"):
        approve_plan(shop.spec, shop.warehouse, old, reason="r", by="me")

    assert (1, "superseded") in _statuses(shop)


def test_an_old_blocked_plan_can_t_be_approved(tmp_path: Path) -> None:
    """Its values are those of yesterday."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    plan_id = _blocked(shop)
    with shop.state.session() as session:
        session.execute("UPDATE plans SET recorded_at = recorded_at - INTERVAL 25 HOUR")

    with pytest.raises(PlanNotApproved, match="older than 24 hours"):
        approve_plan(shop.spec, shop.warehouse, plan_id, reason="r", by="me")


def test_approving_what_was_never_planned(tmp_path: Path) -> None:
    """The sentence says that there is no plan."""
    shop = Shop(tmp_path)

    with pytest.raises(PlanNotApproved, match="there is no plan"):
        approve_plan(shop.spec, shop.warehouse, "prod.people.1.abcdef", reason="r", by="me")


def test_a_blocked_plan_is_blocked_again_at_the_next_try(tmp_path: Path) -> None:
    """Rows that a blocked plan rejected are judged anew, not taken as known."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    shop.change(fields=BY_PLAN)

    reports = [shop.plan() for _ in range(3)]

    assert [report.status for report in reports] == ["blocked"] * 3
    assert [report.counts["rejected"] for report in reports] == [2, 2, 2]
    assert {record["plan_no"] for record in rejected_records(shop.state, 100)} == {3}


@pytest.mark.parametrize("touches", range(2, 26, 4))
def test_a_plan_found_building_is_made_anew(
    tmp_path: Path, receiver: Receiver, touches: int
) -> None:
    """Killed while planning, before or after the rows were frozen: nothing was sent."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "yesterday"))
    shop.change(fields={**BY_PLAN, "timestamp": {"@path": "$.email"}}, gates=Gates())
    mortal = DyingWarehouse("shop", shop.path)
    mortal.fuse = Fuse(touches)
    immortal, shop.warehouse = shop.warehouse, mortal
    with pytest.raises(Killed):
        shop.plan()
    shop.warehouse = immortal
    shop.sql("UPDATE people SET email = '2026-01-01' WHERE id = 1")

    with pytest.raises(PlanNotApproved):
        shop.deliver(receiver)
    report = shop.plan()

    assert (report.calls, report.counts["rejected"], report.resumed) == (1, 1, False)
    assert shop.deliver(receiver).finished


def test_there_must_be_a_plan_to_deliver(tmp_path: Path, receiver: Receiver) -> None:
    """Neither before the first plan nor after a plan is done is anything sent."""
    shop = Shop(tmp_path, (1, "a", "x"))
    with pytest.raises(PlanNotApproved, match="there is no open plan"):
        shop.deliver(receiver)
    shop.sync(receiver)
    with pytest.raises(PlanNotApproved, match="there is no open plan"):
        shop.deliver(receiver)


def test_an_unreachable_endpoint_leaves_the_plan_for_the_next_run(
    tmp_path: Path, receiver: Receiver
) -> None:
    """All is pending, nothing is lost, and the same plan goes on."""
    shop = Shop(tmp_path, (1, "a", "x"))
    receiver.go_down()
    plan = shop.plan()
    report = shop.deliver(receiver)
    receiver.go_down(is_down=False)
    again = shop.plan()

    assert (report.counts["pending"], report.finished) == (1, False)
    assert report.delivery.failure_code == "endpoint_error"
    assert (again.plan_id, again.resumed) == (plan.plan_id, True)
    assert shop.deliver(receiver).finished


def test_a_wrong_key_leaves_the_plan_approved(tmp_path: Path, receiver: Receiver) -> None:
    """The key is proven before the plan is claimed."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.plan()

    with pytest.raises(CredentialError):
        deliver_plan(shop.spec, shop.warehouse, Connection("a key", "us", receiver.url, None))

    assert _statuses(shop)[-1] == (1, "approved")
    assert shop.deliver(receiver).finished


def test_a_delivery_needs_no_model(tmp_path: Path, receiver: Receiver) -> None:
    """The frozen rows are sent even when the table is gone."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.plan()
    shop.sql("DROP TABLE people")

    assert shop.deliver(receiver).counts["accepted"] == 1


def test_a_cancelled_delivery_settles_what_was_sent(tmp_path: Path, receiver: Receiver) -> None:
    """What was not posted is planned afresh; the reason is told."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.plan()

    report = shop.deliver(receiver, should_stop=lambda: "the run was terminated")

    assert (report.counts["pending"], report.delivery.failure_code) == (1, "cancelled")
    assert shop.sync(receiver).finished
    assert receiver.emails(1) == ["a"]


def test_the_history_of_old_plans_is_dropped_and_numbers_go_on(
    tmp_path: Path, receiver: Receiver
) -> None:
    """A sync each minute doesn't fill the disk, and no number is used twice."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.sync(receiver)
    with shop.state.session() as session:
        for number in range(2, 120):
            plans.record(session, number, f"p{number}", "done", "hash")
    report = shop.sync(receiver)

    assert report.plan_id.split(".")[2] == "120"
    assert shop.ask("SELECT count(DISTINCT plan_no) FROM plans") == [(100,)]
    assert shop.plan().counts["unchanged"] == 1
