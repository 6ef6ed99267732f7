"""`plan`, `sync`, `deliver`, `approve`, `status` and `rejected`, from the first run to the last."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segment_assets.emulator import Emulator, Fault
from segment_assets_tests.cli.people import execute, one_document

Cli = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("defs")


def test_plan_shows_what_would_be_sent_and_sends_nothing(cli: Cli, emulator: Emulator) -> None:
    """A plan tells rows, calls, rejections and gates, and the API hears nothing."""
    answer = cli("plan", "people_identify")

    assert answer.code == 0
    assert "3 read" in answer.out
    assert "2 calls to be billed, 2 new users this month" in answer.out
    assert "1 placeholder_id" in answer.out
    assert "record null: " in answer.out
    assert emulator.store.counts()["requests"] == 0


def test_sync_sends_once_and_then_only_what_changed(
    cli: Cli, defs: Path, emulator: Emulator
) -> None:
    """The first sync sends all good rows, the second none, the third the row that changed."""
    accepted = []
    for change in ("select 1", "select 1", "update people set plan = 'max' where person_id = 'p2'"):
        execute(defs, change)
        answer = cli("sync", "production/people_identify", "--json")
        assert (answer.code, answer.err) == (0, "")
        [result] = one_document(answer.out)
        accepted.append(result["syncs"][0]["counts"]["accepted"])

    assert accepted == [2, 0, 1]
    assert emulator.store.counts()["accepted"] == 3
    assert "nothing to send" in cli("sync", "people_identify").out


def test_plan_then_deliver_is_a_sync(cli: Cli, emulator: Emulator) -> None:
    """A plan that was looked at is delivered as it is, and cannot be delivered twice."""
    assert cli("plan", "people_identify").code == 0
    assert "next: segment-assets deliver production/people_identify" in cli("status").out
    delivered = cli("deliver", "people_identify")
    again = cli("deliver", "people_identify")

    assert delivered.code == 0
    assert "2 calls accepted" in delivered.out
    assert "law: planned 3 = accepted 2 + rejected 1" in delivered.out
    assert again.code == 2
    assert "no open plan; plan again: segment-assets plan production/people_identify" in again.err
    assert emulator.store.counts()["accepted"] == 2


def test_blocked_plan_waits_for_a_person(cli: Cli, emulator: Emulator) -> None:
    """A gate stops the sync with 1 and names the plan; approved by id with a reason, it goes."""
    blocked = cli("sync", "orders_track", "--json")
    [result] = one_document(blocked.out)
    plan_id = result["plans"][0]["plan_id"]

    assert blocked.code == 1
    assert result["syncs"] == []
    assert emulator.store.counts()["received"] == 0
    assert cli("deliver", "orders_track").code == 1
    assert f"segment-assets approve {plan_id}" in cli("status").out
    assert cli("approve", plan_id).code == 2
    assert cli("approve", plan_id, "--reason", " ").code == 2
    assert cli("approve", plan_id, "--reason", "the first orders").code == 0
    assert cli("deliver", "orders_track").code == 0
    assert emulator.store.counts()["accepted"] == 2
    approval = one_document(cli("status", "--json").out)["production/orders_track"]["plan"]
    assert approval["approval"]["reason"] == "the first orders"


def test_superseded_plan_names_the_new_one(cli: Cli, emulator: Emulator) -> None:
    """The id of an older blocked plan approves nothing; the answer holds the id that would."""
    ids = []
    for _ in range(2):
        [result] = one_document(cli("plan", "orders_track", "--json").out)
        ids.append(result["plans"][0]["plan_id"])

    old = cli("approve", ids[0], "--reason", "late")

    assert old.code == 2
    assert f"the newest is {ids[1]} (blocked)" in old.err
    assert emulator.store.counts()["received"] == 0


def test_approve_refuses_what_is_no_plan_id(cli: Cli) -> None:
    """A text of another shape, an unknown mapping and a sync without a plan are told apart."""
    shapeless = cli("approve", "orders_track", "--reason", "why")
    unknown = cli("approve", "production.order_track.1.abcdef", "--reason", "why")
    early = cli("approve", "production.orders_track.1.abcdef", "--reason", "why")

    assert [answer.code for answer in (shapeless, unknown, early)] == [2, 2, 2]
    assert "is no plan id" in shapeless.err
    assert "Did you mean production/orders_track?" in unknown.err
    assert "there is no plan" in early.err


def test_status_tells_what_was_never_planned_and_what_is_settled(cli: Cli) -> None:
    """Each sync has its newest plan, its records by status, and the age of what waits."""
    cli("sync", "people_identify")
    told = cli("status")
    facts = one_document(cli("status", "--json").out)

    assert told.code == 0
    assert "production/orders_track  never planned" in told.out
    assert "2 accepted, 1 rejected (oldest 0 min)" in told.out
    assert max(len(line) for line in told.out.splitlines()) <= 80
    assert facts["production/people_identify"]["records"]["accepted"]["count"] == 2


def test_rejected_lists_records_until_they_are_mended(cli: Cli, defs: Path) -> None:
    """A rejected record is listed with code and remedy, and gone once its row is good."""
    cli("sync", "people_identify")
    [record] = one_document(cli("rejected", "people_identify", "--json").out)
    shown = cli("rejected", "people_identify")
    execute(defs, "update people set person_id = 'p3' where person_id = 'null'")
    cli("sync", "people_identify")

    assert (record["record_id"], record["code"], record["field"]) == (
        "null", "placeholder_id", "user_id",
    )  # fmt: skip
    assert "record null: " in shown.out
    assert "allow_placeholder_ids: true" in shown.out
    assert "no record is rejected" in cli("rejected", "people_identify").out


def test_refused_call_is_owed_and_the_exit_code_is_1(cli: Cli, emulator: Emulator) -> None:
    """When the API fails, rows stay owed and the sync says so; the next one sends them."""
    emulator.faults.add(Fault(status=403, times=None))
    refused = cli("sync", "people_identify")
    emulator.faults.clear()
    later = cli("sync", "people_identify")

    assert refused.code == 1
    assert "not finished: 0 calls accepted" in refused.out
    assert "unauthorized" in refused.out
    assert later.code == 0
    assert emulator.store.counts()["accepted"] == 2


def test_all_runs_every_mapping_and_the_worst_exit_code_counts(
    cli: Cli, emulator: Emulator
) -> None:
    """A blocked mapping doesn't keep the others from being sent, and the whole is not well."""
    answer = cli("sync", "--all", "--json")

    assert answer.code == 1
    assert [result["exit_code"] for result in one_document(answer.out)] == [0, 1]
    assert emulator.store.counts()["accepted"] == 2
