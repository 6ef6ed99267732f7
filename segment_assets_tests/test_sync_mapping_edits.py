"""A mapping that is edited adopts what it sent: nothing is resent unasked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from segment_assets.emulator.faults import Fault
from segment_assets.errors import ModelError, PlanNotApproved
from segment_assets.handoff import SeqRange
from segment_assets_tests.shop_of_one import PATHS, Receiver, Shop

MORE = {**PATHS, "traits": {"email": {"@path": "$.email"}, "plan": {"@path": "$.plan"}}}
SAID = {**PATHS, "traits": {"email": {"@path": "$.email"}, "source": "warehouse"}}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    with Receiver() as running:
        yield running


def test_rows_are_not_sent_again_when_the_mapping_says_more_about_the_same_columns(
    tmp_path: Path, receiver: Receiver
) -> None:
    """They take the new form with their next change, and the plan says how many wait for it."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    shop.sync(receiver)
    shop.change(fields=SAID)
    edited = shop.plan()
    shop.deliver(receiver)
    shop.sql("UPDATE people SET email = 'c' WHERE id = 1")
    shop.sync(receiver)

    assert (edited.counts["unchanged"], edited.counts["other_mapping"]) == (2, 2)
    assert "2 unchanged records were sent under an earlier form" in edited.notes[0]
    assert receiver.accepted()[-1]["traits"] == {"email": "c", "source": "warehouse"}


def test_a_changed_column_list_adopts_what_is_unchanged_by_the_earlier_list(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Only the row that changed by the earlier columns is sent; later changes are seen."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    shop.sync(receiver)
    shop.change(fields=MORE)
    shop.sql("UPDATE people SET email = 'c' WHERE id = 1")
    edited = shop.plan()
    shop.deliver(receiver)
    shop.sql("UPDATE people SET plan = 'z' WHERE id = 2")
    later = shop.plan()

    assert (edited.counts["adopted"], edited.counts["updated"]) == (1, 1)
    assert later.counts["updated"] == 1


def test_adoption_knows_every_list_that_the_ledger_was_written_with(
    tmp_path: Path, receiver: Receiver
) -> None:
    """A delivery that was cut short leaves records of two column lists; both are adopted."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    shop.sync(receiver)
    shop.change(fields=MORE)
    shop.sql("UPDATE people SET email = 'c' WHERE id = 1")
    shop.plan()
    with shop.state.session() as session:  # as a sender leaves it that was killed
        session.execute(
            "INSERT INTO plans SELECT plan_no, plan_id, 'sending', mapping_hash, 'gone', NULL, "
            "now() FROM plans ORDER BY rowid DESC LIMIT 1"
        )
        plan_id = session.fetch("SELECT plan_id FROM plans ORDER BY rowid DESC LIMIT 1")[0][0]
        [(first, last)] = session.fetch("SELECT min(seq), max(seq) FROM plan")
    marks = shop.state.marks()
    marks.add(plan_id, SeqRange(first, last), "accepted", attempt=1, token="gone")  # noqa: S106 - no password
    marks.close()
    shop.change(fields={"user_id": {"@path": "$.id"}, "traits": {"plan": {"@path": "$.plan"}}})

    report = shop.plan()

    assert (report.counts["adopted"], report.counts["planned"]) == (2, 0)


def test_an_edit_of_mapping_and_model_that_hides_what_changed_is_blocked(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Where the earlier columns are gone, a person decides before 150 records are sent again."""
    shop = Shop(tmp_path, *((number, "a", "x") for number in range(150)))
    shop.sync(receiver)
    shop.sql("ALTER TABLE people DROP COLUMN email")
    shop.change(fields={**PATHS, "traits": {"plan": {"@path": "$.plan"}}})

    report = shop.plan()

    assert (report.status, report.counts["updated"]) == ("blocked", 150)
    assert [gate.status for gate in report.gates if gate.name == "mapping"] == ["blocked"]


def test_a_column_renamed_in_model_and_mapping_sends_nothing(
    tmp_path: Path, receiver: Receiver
) -> None:
    """A fingerprint is over values, whatever their columns are called."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.sync(receiver)
    shop.sql("ALTER TABLE people RENAME COLUMN email TO mail")
    shop.change(fields={**PATHS, "traits": {"email": {"@path": "$.mail"}}})

    assert shop.plan().counts["unchanged"] == 1


def test_an_unsure_call_of_an_edited_mapping_gets_another_id(
    tmp_path: Path, receiver: Receiver
) -> None:
    """The first form may have been taken: its id is never used for another body."""
    shop = Shop(tmp_path, (1, "a", "x"))
    receiver.faults.add(Fault(status=500, store="all", times=2))
    shop.sync(receiver)
    shop.change(fields=SAID)
    shop.sync(receiver)

    assert len(set(receiver.ids(1))) == 2
    assert all(len(bodies) == 1 for bodies in receiver.bodies_by_id().values())


def test_a_refused_plan_of_an_edited_mapping_gets_other_ids(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Not even a call that was certainly not taken lends its id to another body."""
    shop = Shop(tmp_path, (1, "a", "x"))
    receiver.faults.add(Fault(status=401))
    shop.sync(receiver)
    shop.change(fields=SAID)
    shop.sync(receiver)

    assert all(len(bodies) == 1 for bodies in receiver.bodies_by_id().values())


def test_a_rejected_row_is_judged_again_by_an_edited_mapping(
    tmp_path: Path, receiver: Receiver
) -> None:
    """It waits until the row or the mapping changes."""
    shop = Shop(tmp_path, (1, "a", "yesterday"), (2, "b", "2026-01-01"))
    shop.change(fields={**PATHS, "timestamp": {"@path": "$.plan"}})
    shop.sync(receiver)
    shop.change(fields=PATHS)
    shop.sync(receiver)

    assert receiver.emails(1) == ["a"]


@pytest.mark.parametrize("facts", [{"fields": SAID}, {"when": frozenset({"added"})}])
def test_an_approved_plan_of_an_edited_declaration_is_not_delivered(
    tmp_path: Path, receiver: Receiver, facts: dict[str, object]
) -> None:
    """What was planned is no longer what is declared: a new plan takes its place."""
    shop = Shop(tmp_path, (1, "a", "x"))
    old = shop.plan()
    shop.change(**facts)

    with pytest.raises(PlanNotApproved, match="edited after plan"):
        shop.deliver(receiver)

    new = shop.plan()
    assert (new.resumed, new.plan_id == old.plan_id) == (False, False)
    assert shop.deliver(receiver).counts["accepted"] == 1


def test_a_column_that_vanished_is_named(tmp_path: Path, receiver: Receiver) -> None:
    """The plan says which column is missing and what there is; nothing is sent."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.sync(receiver)
    shop.sql("ALTER TABLE people DROP COLUMN email")

    with pytest.raises(ModelError, match="unknown_column: the mapping reads email") as caught:
        shop.plan()

    assert caught.value.code == "unknown_column"


def test_a_key_whose_text_changes_with_its_type_is_refused(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Every record would be deleted and added under another name."""
    shop = Shop(tmp_path)
    shop.sql("CREATE TABLE days (day DATE, email VARCHAR)")
    shop.sql("INSERT INTO days VALUES ('2026-01-01', 'a'), ('2026-01-02', 'b')")
    shop.model(table="days", primary_key="day")
    shop.change(fields={**PATHS, "user_id": {"@path": "$.__segment_id"}})
    shop.sync(receiver)
    shop.sql("ALTER TABLE days ALTER day TYPE TIMESTAMP")

    with pytest.raises(ModelError, match="was DATE and is TIMESTAMP") as caught:
        shop.plan()

    assert caught.value.code == "key_type_changed"
    shop.sql("ALTER TABLE days ALTER day TYPE DATE")
    assert shop.plan().counts["unchanged"] == 2


def test_a_key_that_changes_type_and_keeps_its_text_sends_nothing(
    tmp_path: Path, receiver: Receiver
) -> None:
    """1 is 1 as integer, as decimal and as text."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.sync(receiver)
    for kind in ("BIGINT", "DECIMAL(10,2)", "VARCHAR"):
        shop.sql(f"ALTER TABLE people ALTER id TYPE {kind}")
        if kind == "VARCHAR":
            shop.sql("UPDATE people SET id = '1'")
        assert shop.plan().counts["unchanged"] == 1
