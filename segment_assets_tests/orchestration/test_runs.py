"""Real runs: the sample shop on DuckDB, planned and sent to the emulator by Dagster."""

import dagster as dg
import pytest

from segment_assets.emulator.faults import Fault
from segment_assets.emulator.server import Emulator
from segment_assets.errors import CredentialError, PlanNotApproved, UserError
from segment_assets.orchestration.keys import plan_key, sync_key
from segment_assets.orchestration.runs import run_job

_IDENTIFY = "production__customers_identify"
_TRACK = "production__orders_track"
_PLAN = plan_key("production", "customers_identify")
_SYNC = sync_key("production", "customers_identify")


def test_run_plans_and_sends_then_has_nothing_to_send(
    definitions: dg.Definitions, emulator: Emulator
) -> None:
    """The first run sends every record, the second is a success with no call."""
    seen: list[tuple[str, int, int]] = []

    first = run_job(definitions, _IDENTIFY, on_progress=lambda *facts: seen.append(facts))
    second = run_job(definitions, _IDENTIFY)

    assert first.is_success
    assert second.is_success
    assert [report.counts["accepted"] for report in (*first.syncs, *second.syncs)] == [3, 0]
    assert emulator.store.counts()["accepted"] == 3
    assert seen[-1] == ("production/customers_identify", 3, 3)


@pytest.mark.parametrize(
    "only",
    [
        pytest.param(None, id="whole-job"),
        pytest.param(
            [plan_key("production", "orders_track"), sync_key("production", "orders_track")],
            id="both-by-key",
        ),
    ],
)
def test_blocked_plan_fails_its_check_and_nothing_is_sent(
    definitions: dg.Definitions, emulator: Emulator, only: list[dg.AssetKey] | None
) -> None:
    """A gate that blocks fails the run, and the sync of the same run does not start."""
    outcome = run_job(definitions, _TRACK, only=only)

    assert not outcome.is_success
    assert [report.status for report in outcome.plans] == ["blocked"]
    assert outcome.syncs == ()
    assert outcome.errors == ()
    assert emulator.store.counts()["received"] == 0


def test_sync_alone_refuses_without_an_approved_plan(
    definitions: dg.Definitions, emulator: Emulator
) -> None:
    """A sync that is materialised alone ignores checks, so it asks the ledger for approval."""
    outcome = run_job(definitions, _IDENTIFY, only=[_SYNC])

    assert not outcome.is_success
    assert [type(error) for error in outcome.errors] == [PlanNotApproved]
    assert emulator.store.counts()["received"] == 0


def test_plan_alone_needs_no_key_and_sends_nothing(
    definitions: dg.Definitions, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan can be looked at before there is a write key."""
    monkeypatch.delenv("ORCHESTRATION_WRITE_KEY")

    outcome = run_job(definitions, f"{_IDENTIFY}__plan")

    assert outcome.is_success
    assert outcome.plans[0].counts["to_send"] == 3
    assert emulator.store.counts()["requests"] == 0


def test_missing_variable_and_unknown_job_are_told_by_name(
    definitions: dg.Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user reads which variable isn't set, or which job there is none of."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with pytest.raises(
        CredentialError,
        match=r"^production/customers_identify needs .* variables? ORCHESTRATION_WRITE_KEY",
    ):
        run_job(definitions, _IDENTIFY)
    with pytest.raises(CredentialError, match=r"^production needs .*ORCHESTRATION_WRITE_KEY"):
        run_job(definitions, "production__all")
    with pytest.raises(UserError, match="no job named nothing"):
        run_job(definitions, "nothing")


def test_owed_rows_fail_the_asset_and_keep_its_numbers(
    definitions: dg.Definitions, emulator: Emulator
) -> None:
    """When the API refuses the whole request, the sync is red and its counts are still recorded."""
    emulator.faults.add(Fault(status=403, times=None))

    result = _execute(definitions)

    assert not result.success
    events = result.all_events
    observed = [
        event.asset_observation_data.asset_observation
        for event in events
        if event.is_asset_observation
    ]
    numbers = next(entry for entry in observed if entry.asset_key == _SYNC)
    assert numbers.metadata["pending"].value == 3
    assert {event.asset_key for event in events if event.is_step_materialization} == {_PLAN}


def test_assets_show_counts_tables_and_lineage(
    definitions: dg.Definitions, emulator: Emulator
) -> None:
    """A plan shows numbers as numbers, its mapping as a table, and its first calls masked."""
    result = _execute(definitions)

    assert emulator.store.counts()["accepted"] == 3
    plan = result.asset_materializations_for_node("plan__production__customers_identify_plan")[0]
    assert plan.metadata["planned"].value == 3
    assert plan.metadata["calls"].value == 3
    rows = [record.data for record in plan.metadata["mapping"].records]
    assert {
        "columns": "email",
        "directive": "path",
        "field": "traits.email",
        "json_path": "traits.email",
    } in rows
    assert {row["json_path"] for row in rows if row["field"] == "device.id"} == {
        "context.device.id"
    }
    assert "ada@example.com" not in str(plan.metadata)
    lineage = plan.metadata["dagster/column_lineage"].lineage.deps_by_column
    assert lineage["traits.email"][0].column_name == "email"


def _execute(definitions: dg.Definitions) -> dg.ExecuteInProcessResult:
    job = definitions.resolve_job_def(_IDENTIFY)
    return job.execute_in_process(raise_on_error=False)


def test_a_plan_shows_real_rows_as_test_mapping_does(definitions: dg.Definitions) -> None:
    """The plan's page has a few rows: the envelope, the fields and the call of each, masked."""
    job = definitions.resolve_job_def(f"{_IDENTIFY}__plan")

    result = job.execute_in_process()

    [plan] = result.asset_materializations_for_node("plan__production__customers_identify_plan")
    shown = plan.metadata["test_mapping"].value
    assert isinstance(shown, list)
    assert len(shown) == 3
    first = shown[0]
    assert first["envelope"]["__segment_id"] == first["record_id"]
    assert first["next_plan"]["op"] == "added"
    assert first["call"]["userId"] == first["fields"]["user_id"]
    assert "@" not in str(shown)
