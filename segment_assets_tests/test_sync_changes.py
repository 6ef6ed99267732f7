"""What changed since the last sync, and which calls and ids that makes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from segment_assets.emulator.faults import Fault
from segment_assets_tests.shop_of_one import PATHS, Receiver, Shop

ALL = frozenset({"added", "updated", "deleted"})
BY_KEY = {"user_id": {"@path": "$.__segment_id"}, "traits": {"email": {"@path": "$.email"}}}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    with Receiver() as running:
        yield running


def test_first_sync_adds_every_row_and_the_second_has_nothing_to_send(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Every row is added once; a plan right after a delivery is empty."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))

    first, second = shop.sync(receiver), shop.plan()

    assert (first.counts["accepted"], first.finished) == (2, True)
    assert (second.counts["unchanged"], second.counts["planned"]) == (2, 0)
    assert shop.deliver(receiver).finished


def test_a_then_b_then_a_are_three_calls_of_three_ids(tmp_path: Path, receiver: Receiver) -> None:
    """A value that comes back is a new call: the API would drop it under its first id."""
    shop = Shop(tmp_path, (1, "a", "x"))
    for email in ("a", "b", "a"):
        shop.sql(f"UPDATE people SET email = '{email}'")
        shop.sync(receiver)

    assert receiver.emails(1) == ["a", "b", "a"]
    assert len(set(receiver.ids(1))) == 3


def test_a_change_in_a_column_that_the_mapping_does_not_read_is_no_change(
    tmp_path: Path, receiver: Receiver
) -> None:
    """The fingerprint is over the columns that the mapping reads."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.sync(receiver)
    shop.sql("UPDATE people SET plan = 'other'")

    assert shop.plan().counts["unchanged"] == 1


def test_the_same_table_in_another_installation_has_other_ids(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Segment deduplicates messageIds across all sources: two installations never share one."""
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        Shop(folder, (1, "a", "x")).sync(receiver)

    assert len(set(receiver.ids(1))) == 2


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500, store="all", times=2),
        Fault(status=503, times=2),
        Fault(reset=True, store="all", times=2),
        Fault(status=429, times=2, headers={"retry-after": "0"}),
    ],
    ids=["stored-500", "lost-503", "stored-reset", "429"],
)
def test_an_unsure_or_refused_call_is_tried_again_under_its_first_id(
    tmp_path: Path, receiver: Receiver, fault: Fault
) -> None:
    """However often a call is posted, it has one id and one body."""
    shop = Shop(tmp_path, (1, "a", "x"))
    receiver.faults.add(fault)
    first = shop.sync(receiver)

    second = shop.sync(receiver)

    assert not first.finished
    assert second.finished
    assert len(set(receiver.ids(1))) == 1
    assert len(receiver.ids(1)) >= 3
    assert receiver.emails(1) == ["a"]


def test_a_row_that_reverts_after_an_unsure_call_is_sent_again(
    tmp_path: Path, receiver: Receiver
) -> None:
    """B may have arrived: back at A the row looks unchanged only to who forgot B."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.sync(receiver)
    shop.sql("UPDATE people SET email = 'b'")
    receiver.faults.add(Fault(status=500, store="all", times=2))
    shop.sync(receiver)
    shop.sql("UPDATE people SET email = 'a'")

    shop.sync(receiver)

    assert receiver.emails(1) == ["a", "b", "a"]
    assert len(set(receiver.ids(1))) == 3


def test_a_row_that_reverts_after_an_unsure_and_a_rejected_call_is_sent_again(
    tmp_path: Path, receiver: Receiver
) -> None:
    """What the API holds is unknown since the unsure call, whatever was rejected after it."""
    shop = Shop(tmp_path, (1, "a", "2026-01-01"))
    shop.change(fields={**PATHS, "timestamp": {"@path": "$.plan"}})
    shop.sync(receiver)
    shop.sql("UPDATE people SET email = 'b'")
    receiver.faults.add(Fault(status=500, store="all", times=2))
    shop.sync(receiver)
    shop.sql("UPDATE people SET plan = 'yesterday'")
    shop.sync(receiver)
    shop.sql("UPDATE people SET email = 'a', plan = '2026-01-01'")
    shop.sync(receiver)

    assert receiver.emails(1) == ["a", "b", "a"]


def test_deleted_and_added_again(tmp_path: Path, receiver: Receiver) -> None:
    """A deleted record is told once; when it comes back it is new, under a new id."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    shop.change(
        fields={**BY_KEY, "traits": {"email": {"@path": "$.email"}, "event": {"@path": "$.event"}}},
        when=ALL,
    )
    shop.sync(receiver)
    shop.sql("DELETE FROM people WHERE id = 1")
    deleted = shop.plan()
    shop.deliver(receiver)
    after = shop.plan()
    shop.deliver(receiver)
    shop.insert((1, "a", "x"))
    shop.sync(receiver)

    assert (deleted.counts["deleted"], deleted.counts["gone"]) == (1, 1)
    assert (after.counts["planned"], after.counts["gone"]) == (0, 0)
    events = [call["traits"]["event"] for call in receiver.accepted() if call["userId"] == "1"]
    assert events == ["new", "deleted", "new"]
    assert len(set(receiver.ids(1))) == 3


def test_what_when_does_not_select_is_remembered(tmp_path: Path, receiver: Receiver) -> None:
    """A sync of updates alone sends no row that was there before it began, then its updates."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    shop.change(when=frozenset({"updated"}))
    first = shop.plan()
    shop.deliver(receiver)
    shop.sql("UPDATE people SET email = 'c' WHERE id = 1", "DELETE FROM people WHERE id = 2")
    second = shop.plan()
    shop.deliver(receiver)
    third = shop.plan()

    assert (first.counts["unselected"], first.counts["planned"]) == (2, 0)
    assert (second.counts["updated"], second.counts["unselected"]) == (1, 1)
    assert (third.counts["unchanged"], third.counts["gone"]) == (1, 0)
    assert receiver.emails(1) == ["c"]


def test_records_that_the_trigger_does_not_select_are_remembered(
    tmp_path: Path, receiver: Receiver
) -> None:
    """An unselected record is sent when it changes into a selected one, and not before."""
    shop = Shop(tmp_path, (1, "a", "internal"), (2, "b", "paid"))
    shop.change(trigger='properties.plan != "internal"')
    first = shop.plan()
    shop.deliver(receiver)
    again = shop.plan()
    shop.deliver(receiver)
    shop.sql("UPDATE people SET plan = 'paid' WHERE id = 1")
    shop.sync(receiver)

    assert (first.counts["unselected"], first.calls) == (1, 1)
    assert again.counts["unchanged"] == 2
    assert receiver.emails(1) == ["a"]


def test_held_rows_are_neither_sent_nor_taken_for_deleted(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Null keys and keys of two contents are held; identical copies are one record."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    shop.change(when=ALL, fields=BY_KEY)
    shop.sync(receiver)
    shop.insert((1, "other", "x"), (2, "b", "y"), (None, "n", "z"), (None, "m", "z"))
    held = shop.plan()
    shop.deliver(receiver)
    shop.sql("DELETE FROM people WHERE email IN ('a', 'n', 'm')")
    mended = shop.plan()

    names = ("read", "null_key", "duplicate_key", "collapsed", "records", "gone", "planned")
    assert [held.counts[name] for name in names] == [6, 2, 2, 1, 1, 0, 0]
    assert held.rejected_by_code == {"null_key": 2, "duplicate_key": 2}
    assert (mended.counts["updated"], mended.counts["unchanged"]) == (1, 1)


def test_a_rejected_row_waits_until_it_changes(tmp_path: Path, receiver: Receiver) -> None:
    """It is not judged again and again, nor lost: mended, it is sent as the new record it is."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "yesterday"))
    shop.sql("UPDATE people SET plan = '2026-01-01' WHERE id = 1")
    shop.change(fields={**PATHS, "timestamp": {"@path": "$.plan"}}, when=frozenset({"added"}))
    first = shop.plan()
    shop.deliver(receiver)
    waiting = shop.plan()
    shop.deliver(receiver)
    shop.sql("UPDATE people SET plan = '2026-01-02' WHERE id = 2")
    shop.sync(receiver)

    assert first.rejected_by_code == {"invalid_timestamp": 1}
    assert (waiting.counts["waiting"], waiting.counts["planned"]) == (1, 0)
    assert receiver.emails(2) == ["b"]


def test_a_rejected_row_that_reverts_to_what_was_accepted_is_unchanged(
    tmp_path: Path, receiver: Receiver
) -> None:
    """The API has A; a B that it never got leaves no trace when the row is A again."""
    shop = Shop(tmp_path, (1, "a", "2026-01-01"))
    shop.change(fields={**PATHS, "timestamp": {"@path": "$.plan"}})
    shop.sync(receiver)
    shop.sql("UPDATE people SET plan = 'yesterday'")
    shop.sync(receiver)
    shop.sql("UPDATE people SET plan = '2026-01-01'")
    back = shop.plan()
    shop.deliver(receiver)
    after = shop.plan()

    assert [plan.counts["unchanged"] for plan in (back, after)] == [1, 1]
    assert shop.ask("SELECT arg_max(status, plan_no) FROM ledger") == [("adopted",)]
    assert receiver.emails(1) == ["a"]
