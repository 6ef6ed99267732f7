"""messageIds that a mapping makes itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from segment_assets_tests.shop_of_one import PATHS, Receiver, Shop

OWN = {**PATHS, "message_id": {"@path": "$.plan"}}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    with Receiver() as running:
        yield running


def test_a_call_whose_mapped_id_is_empty_gets_the_plan_s_own(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Without an id each retry would be a call of its own to the API."""
    shop = Shop(tmp_path, (1, "a", "mine"), (2, "b", None), (3, "c", ""))
    shop.change(fields=OWN)
    shop.sync(receiver)

    assert receiver.ids(1) == ["mine"]
    assert [len(receiver.ids(user)[0]) for user in (2, 3)] == [64, 64]


def test_a_mapping_without_message_id_sends_the_plan_s_own(
    tmp_path: Path, receiver: Receiver
) -> None:
    """A declaration made in Python may leave the field out."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.sync(receiver)

    [held] = shop.ask("SELECT message_id FROM ledger")
    assert receiver.ids(1) == [held[0]]


def test_records_of_one_mapped_id_are_all_rejected(tmp_path: Path, receiver: Receiver) -> None:
    """The API would take one and drop the others; the numbers of the plan leave them out."""
    rows = [(number, "a", "same" if number < 3 else f"id{number}") for number in range(6)]
    shop = Shop(tmp_path, *rows)
    shop.change(fields=OWN)
    plan = shop.plan()
    report = shop.deliver(receiver)

    assert plan.rejected_by_code == {"duplicate_message_id": 3}
    assert (plan.calls, plan.new_users, plan.counts["to_send"]) == (3, 3, 3)
    sent = sum(request.body_bytes for request in receiver.store.requests() if request.events)
    assert plan.bytes_to_send < sent < plan.bytes_to_send + 200 * plan.batches
    assert (report.counts["accepted"], report.counts["rejected"]) == (3, 3)
    assert plan.batches == report.delivery.batches
    assert shop.plan().counts["waiting"] == 3


def test_the_ledger_holds_the_id_that_was_sent(tmp_path: Path, receiver: Receiver) -> None:
    """It can be compared with what the API received."""
    shop = Shop(tmp_path, (1, "a", "mine"))
    shop.change(fields=OWN)
    shop.sync(receiver)

    assert shop.ask("SELECT message_id FROM ledger") == [("mine",)]
