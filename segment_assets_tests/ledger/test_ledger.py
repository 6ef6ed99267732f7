"""What the ledger keeps, what it forgets, and what it says to people."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from segment_assets.emulator.faults import Fault
from segment_assets.handoff import SeqRange
from segment_assets.ledger import outcomes, plans, tables
from segment_assets.ledger.look import accepted_message_ids, rejected_records, sync_status
from segment_assets.ledger.recorder import LedgerRecorder
from segment_assets_tests.shop_of_one import PATHS, Receiver, Shop

BY_PLAN = {**PATHS, "timestamp": {"@path": "$.plan"}}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    with Receiver() as running:
        yield running


def test_no_table_holds_a_value_of_a_row_after_the_plan_is_settled(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Values live in the state only as long as the plan is open."""
    shop = Shop(tmp_path, (1, "secret@example.com", "x"), (2, "other@example.com", "y"))
    shop.sync(receiver)

    left = {
        name: shop.ask(f"SELECT * FROM {name}")
        for (name,) in shop.ask("SELECT table_name FROM information_schema.tables")
    }
    assert "plan" not in left
    assert "example.com" not in str({**left, "plans": ""})
    # Of the first calls the plan's history keeps samples: `mask` hides personal fields in them.
    for name in ("skipped", "plan_users", "plan_ids", "rejects"):
        assert left[name] == [], name


def test_reasons_are_told_as_long_as_they_hold(tmp_path: Path, receiver: Receiver) -> None:
    """A waiting record keeps its reason through later plans; a mended one has none."""
    shop = Shop(tmp_path, (1, "a", "bad"), (2, "b", "worse"), (3, "c", "2026-01-01"))
    shop.insert((None, "n", "2026-01-01"))
    shop.change(fields=BY_PLAN)
    shop.sync(receiver)
    for number in range(10, 14):
        shop.insert((number, "new", "2026-01-01"))
        shop.sync(receiver)
    waiting = rejected_records(shop.state, 100)
    shop.sql("UPDATE people SET plan = '2026-01-01' WHERE id = 1")
    shop.sync(receiver)
    mended = rejected_records(shop.state, 100)

    told = [(record["plan_no"], record["record_id"], record["code"]) for record in waiting]
    assert told == [
        (5, None, "null_key"), (1, "1", "invalid_timestamp"), (1, "2", "invalid_timestamp"),
    ]  # fmt: skip
    assert {record["record_id"] for record in mended} == {None, "2"}
    assert rejected_records(shop.state, 1)[0]["code"] == "null_key"


def test_status_counts_records_and_the_age_of_the_oldest(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Each record is in one status; ages are those of the status, not of the newest plan."""
    shop = Shop(tmp_path, (1, "a", "bad"), (2, "b", "2026-01-01"))
    assert sync_status(shop.state) == {"plan": None, "records": {}}
    shop.change(fields=BY_PLAN)
    shop.sync(receiver)
    with shop.state.session() as session:
        session.execute("UPDATE ledger SET since = since - INTERVAL 1 HOUR")

    found = sync_status(shop.state)

    assert {name: facts["count"] for name, facts in found["records"].items()} == {
        "accepted": 1,
        "rejected": 1,
    }
    assert 3_600 <= found["records"]["rejected"]["oldest_seconds"] < 3_660
    assert found["plan"]["status"] == "done"
    assert found["plan"]["outcomes"]["accepted"] == 1


def test_the_ledger_s_ids_are_those_that_the_api_took(tmp_path: Path, receiver: Receiver) -> None:
    """The two sets can be compared at any time."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    assert accepted_message_ids(shop.state) == set()
    shop.sync(receiver)

    assert accepted_message_ids(shop.state) == set(receiver.store.message_ids())


def test_a_ledger_of_twice_its_records_is_compacted_and_says_the_same(
    tmp_path: Path, receiver: Receiver
) -> None:
    """The last row of each record stays, ids go on as they would have."""
    shop = Shop(tmp_path, *((number, "a", "x") for number in range(600)))
    shop.sync(receiver)
    for email in ("b", "a"):
        shop.sql(f"UPDATE people SET email = '{email}'")
        shop.sync(receiver)

    assert shop.ask("SELECT count(*) FROM ledger") == [(600,)]
    assert shop.plan().counts["unchanged"] == 600
    assert len(set(receiver.ids(1))) == 3


def test_settling_twice_writes_once(tmp_path: Path) -> None:
    """Killed between the ledger and the drop of the rows, the next run may settle again."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.plan()
    with shop.state.session() as session:
        plan = plans.latest(session)
        assert plan is not None
        marks = shop.state.marks()
        marks.add(plan.plan_id, SeqRange(1, 1), "accepted", attempt=1, token="t")  # noqa: S106 - no password
        marks.close()
        for _ in range(2):
            with outcomes.told(session, plan, shop.state.marks()):
                outcomes.settle(session, plan, 1, "done", remember=True, detail={})
    assert shop.ask("SELECT count(*) FROM ledger") == [(1,)]
    assert shop.plan().counts["unchanged"] == 1


def test_month_users_are_counted_once_and_only_when_accepted(
    tmp_path: Path, receiver: Receiver
) -> None:
    """A user is billed once a month, however many records and syncs are about her."""
    shop = Shop(tmp_path, (1, "u1", "x"), (2, "u1", "y"), (3, "u2", "z"))
    shop.change(fields={**PATHS, "user_id": {"@path": "$.email"}})
    receiver.faults.add(Fault(status=401, times=None))
    first = shop.plan().new_users
    shop.deliver(receiver)
    receiver.faults.clear()
    still = shop.plan().new_users
    shop.deliver(receiver)
    shop.insert((4, "u2", "x"), (5, "u3", "x"))

    assert (first, still, shop.plan().new_users) == (2, 2, 1)


def test_a_stale_token_stops_its_sender(tmp_path: Path) -> None:
    """Who has lost the plan to another sender is told so within a second."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.plan()
    with shop.state.session() as session:
        plan = plans.latest(session)
        assert plan is not None
        facts = (plan.plan_no, plan.plan_id, "sending", plan.mapping_hash)
        plans.record(session, *facts, token="mine")  # noqa: S106 - a token is no password
    recorder = LedgerRecorder(shop.state, plan, "mine")
    recorder._polled -= 2
    assert recorder.should_stop() is None
    with shop.state.session() as session:
        plans.record(session, *facts, token="theirs")  # noqa: S106 - a token is no password
    assert recorder.should_stop() is None
    recorder._polled -= 2

    assert recorder.should_stop() == "another sender has claimed this plan"


@pytest.mark.parametrize(
    ("marks", "outcome"),
    [
        ([], "pending"),
        ([(1, 9, "intent")], "uncertain"),
        ([(1, 9, "intent"), (1, 9, "returned")], "pending"),
        ([(1, 9, "intent"), (1, 9, "intent"), (1, 9, "returned")], "uncertain"),
        ([(1, 9, "intent"), (1, 9, "accepted")], "accepted"),
        ([(5, 5, "refused"), (1, 9, "intent"), (1, 9, "accepted")], "owed"),
        ([(6, 9, "intent"), (6, 9, "accepted")], "pending"),
        ([(1, 9, "intent"), (1, 5, "intent"), (1, 5, "accepted")], "accepted"),
    ],
)
def test_from_marks_to_outcomes(
    tmp_path: Path, marks: list[tuple[int, int, str]], outcome: str
) -> None:
    """Nothing posted is pending, an intent without an answer is uncertain, a refusal is final."""
    shop = Shop(tmp_path, *((number, "a", "x") for number in range(1, 10)))
    shop.plan()
    with shop.state.session() as session:
        plan = plans.latest(session)
    assert plan is not None
    recorder = LedgerRecorder(shop.state, plan, "token")
    for first, last, status in marks:
        recorder._mark(SeqRange(first, last), status, 1)
    recorder.close()
    with shop.state.session() as session, outcomes.told(session, plan, shop.state.marks()):
        found = session.fetch("SELECT outcome FROM plan_outcomes WHERE seq = 5")
        assert found == [(outcome,)]
        assert sum(outcomes.count_outcomes(session).values()) == 9
        assert tables.generation(session) == 1
