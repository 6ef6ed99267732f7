"""Calls that the API refuses one by one: owed, tried again with the same id, then waiting."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from segment_assets.emulator.faults import Fault
from segment_assets_tests.shop_of_one import Receiver, Shop


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    with Receiver() as running:
        yield running


def _refused_once(shop: Shop, receiver: Receiver) -> str:
    """Sync a shop of which the API refuses user 1 for good; return the refused messageId."""
    shop.plan()
    [(message_id,)] = shop.ask("SELECT message_id FROM plan WHERE record_id = '1'")
    receiver.faults.add(Fault(status=400, times=None, message_id=message_id))
    assert shop.deliver(receiver).counts["rejected_by_api"] == 1
    return str(message_id)


def _add_one(shop: Shop, number: int) -> None:
    """Add a record that the API takes: without one nobody can tell whose fault a refusal is."""
    shop.insert((number, "new", "x"))


def test_a_refused_call_is_tried_in_the_next_five_syncs_with_its_id_then_waits(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Owed is not given up at once, and not tried for ever."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    message_id = _refused_once(shop, receiver)

    planned = []
    for number in range(10, 17):
        _add_one(shop, number)
        planned.append(shop.plan().counts["planned"] - 1)
        shop.deliver(receiver)

    assert planned == [1, 1, 1, 1, 1, 0, 0]
    assert set(receiver.ids(1)) == {message_id}
    assert shop.plan().counts["waiting"] == 1


def test_an_owed_call_waits_after_fourteen_days(tmp_path: Path, receiver: Receiver) -> None:
    """Age ends the tries as well as their number."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    _refused_once(shop, receiver)
    with shop.state.session() as session:
        session.execute("UPDATE ledger SET since = since - INTERVAL 15 DAY WHERE status = 'owed'")

    assert shop.plan().counts["waiting"] == 1


def test_outages_before_a_refusal_use_up_none_of_its_tries(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Tries count refusals of the call, not the API's own failures."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    for _ in range(7):
        receiver.faults.add(Fault(status=500, times=4))
        shop.sync(receiver)
        receiver.faults.clear()
    _refused_once(shop, receiver)

    assert shop.ask("SELECT arg_max(tries, plan_no) FROM ledger WHERE record_id = '1'") == [(1,)]
    assert shop.plan().counts["planned"] == 1


def test_a_refused_row_that_changes_is_a_new_call(tmp_path: Path, receiver: Receiver) -> None:
    """The mended row goes out under an id of its own, whatever was tried before."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    refused = _refused_once(shop, receiver)
    shop.sql("UPDATE people SET email = 'mended' WHERE id = 1")

    assert shop.sync(receiver).finished

    assert receiver.emails(1) == ["mended"]
    assert receiver.ids(1)[-1] != refused


def test_a_plan_of_refusals_alone_blames_no_row_and_stays_approved(
    tmp_path: Path, receiver: Receiver
) -> None:
    """When the API takes nothing, the key or the endpoint is at fault; the plan is kept."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    receiver.faults.add(Fault(status=400, times=None))
    plan = shop.plan()
    report = shop.deliver(receiver)
    receiver.faults.clear()

    again = shop.plan()

    assert (report.counts["pending"], report.delivery.failure_code) == (2, "all_rejected")
    assert (again.plan_id, again.resumed) == (plan.plan_id, True)
    assert shop.deliver(receiver).finished
