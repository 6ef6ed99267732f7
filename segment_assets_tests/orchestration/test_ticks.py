"""Schedules and sensors: what a tick starts, and what it leaves for the next."""

from pathlib import Path

import dagster as dg
import pytest

from segment_assets.orchestration.processes import own_tags

_JOB = "production__customers_identify"


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    monkeypatch.setenv("ORCHESTRATION_WRITE_KEY", "any")
    monkeypatch.setenv("ORCHESTRATION_ENDPOINT", "http://localhost:1")


def test_schedule_runs_where_enabled_and_skips_while_its_job_runs(
    definitions: dg.Definitions,
) -> None:
    """A tick starts the mapping's job, and says why not while a run of it is in progress."""
    schedule = definitions.resolve_schedule_def(f"{_JOB}__schedule")
    job = definitions.resolve_job_def(_JOB)
    with dg.DagsterInstance.get() as instance:
        context = dg.build_schedule_context(instance=instance)

        assert len(schedule.evaluate_tick(context).run_requests or ()) == 1

        instance.create_run_for_job(job, tags=own_tags(), status=dg.DagsterRunStatus.STARTED)
        tick = schedule.evaluate_tick(context)
        assert not tick.run_requests
        assert "is still started" in (tick.skip_message or "")


def test_run_of_dead_process_does_not_stop_the_schedule(definitions: dg.Definitions) -> None:
    """A run whose command line was killed is ended by the tick, which then starts its own."""
    schedule = definitions.resolve_schedule_def(f"{_JOB}__schedule")
    job = definitions.resolve_job_def(_JOB)
    dead = own_tags() | {"segment_assets/pid_started": "1"}
    with dg.DagsterInstance.get() as instance:
        instance.create_run_for_job(job, tags=dead, status=dg.DagsterRunStatus.STARTED)

        tick = schedule.evaluate_tick(dg.build_schedule_context(instance=instance))

        assert len(tick.run_requests or ()) == 1


def test_only_enabled_mappings_run_by_themselves(definitions: dg.Definitions) -> None:
    """A schedule or sensor is stopped unless its mapping is enabled."""
    schedule = definitions.resolve_schedule_def(f"{_JOB}__schedule")
    sensor = definitions.resolve_sensor_def("production__orders_track__after")

    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert schedule.cron_schedule == "0 * * * *"
    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED


@pytest.mark.parametrize("key", ["shop/orders", "shop/customers"])
def test_sensor_follows_each_named_asset_once(definitions: dg.Definitions, key: str) -> None:
    """A materialisation of any named asset starts one run; the same one starts no second."""
    sensor = definitions.resolve_sensor_def("production__orders_track__after")
    with dg.DagsterInstance.ephemeral() as instance:
        assert _requests(sensor, instance, None)[0] == 0

        instance.report_runless_asset_event(
            dg.AssetMaterialization(dg.AssetKey.from_user_string(key))
        )
        count, cursor = _requests(sensor, instance, None)

        assert count == 1
        assert _requests(sensor, instance, cursor)[0] == 0


def test_sensor_keeps_for_later_what_comes_while_its_job_runs(
    definitions: dg.Definitions,
) -> None:
    """A materialisation seen during a run of the job starts the next run when that one ended."""
    sensor = definitions.resolve_sensor_def("production__orders_track__after")
    job = definitions.resolve_job_def("production__orders_track")
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(job, tags=own_tags(), status=dg.DagsterRunStatus.STARTED)
        instance.report_runless_asset_event(
            dg.AssetMaterialization(dg.AssetKey.from_user_string("shop/orders"))
        )

        count, cursor = _requests(sensor, instance, None)
        assert count == 0

        instance.report_run_failed(run)
        assert _requests(sensor, instance, cursor)[0] == 1


def _requests(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, cursor: str | None
) -> tuple[int, str | None]:
    context = dg.build_sensor_context(instance=instance, cursor=cursor)
    tick = sensor.evaluate_tick(context)
    return len(tick.run_requests or ()), tick.cursor
