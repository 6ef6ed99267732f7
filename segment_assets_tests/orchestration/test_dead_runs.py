"""What a killed command line leaves behind must stop nobody."""

import os
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from segment_assets.orchestration.processes import (
    PID_TAG,
    free_dead_runs,
    is_alive,
    own_tags,
    process_started,
)
from segment_assets.orchestration.runs import run_job

_LIMIT_OF_ONE = "concurrency:\n  pools:\n    default_limit: 1\ntelemetry:\n  enabled: false\n"

# The child holds the pool's one slot for as long as it lives; the parent runs the same job.
_PROJECT = """
import pathlib, sys, time
import dagster as dg
from segment_assets.orchestration.runs import run_job

@dg.asset(pool="segment_production")
def held() -> None:
    pathlib.Path(sys.argv[1]).touch()
    time.sleep(600)

run_job(dg.Definitions(assets=[held], jobs=[dg.define_asset_job("hold")]), "hold")
"""


@dg.asset(pool="segment_production")
def held() -> None:
    """Take the slot and give it back at once."""


def test_run_of_killed_process_is_ended_and_its_slot_freed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After SIGKILL of a run that holds the only slot of its pool, the next run goes at once."""
    (tmp_path / "dagster.yaml").write_text(_LIMIT_OF_ONE)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    started = tmp_path / "started"
    child = subprocess.Popen([sys.executable, "-c", _PROJECT, str(started)])
    try:
        _wait_for(started, child)
    finally:
        child.kill()
        child.wait()
    definitions = dg.Definitions(assets=[held], jobs=[dg.define_asset_job("hold")])

    began = time.monotonic()
    outcome = run_job(definitions, "hold")

    assert outcome.is_success
    assert time.monotonic() - began < 10
    with dg.DagsterInstance.get() as instance:
        dead = [run for run in instance.get_runs() if run.tags[PID_TAG] == str(child.pid)]
        assert [run.status for run in dead] == [dg.DagsterRunStatus.FAILURE]
        assert instance.event_log_storage.get_concurrency_run_ids() == set()


def test_run_of_living_process_is_left_alone() -> None:
    """A run whose process lives, or whose host is another one, is never ended."""
    with dg.DagsterInstance.ephemeral() as instance:
        started = dg.DagsterRunStatus.STARTED
        elsewhere = {**own_tags(), "segment_assets/host": "another.host", PID_TAG: "1"}
        for tags in (own_tags(), elsewhere):
            instance.create_run_for_job(_job(), tags=tags, status=started)

        assert free_dead_runs(instance) == []
        assert {run.status for run in instance.get_runs()} == {started}


def test_later_process_of_same_number_is_another_one() -> None:
    """A process number that is in use again does not keep a dead run alive."""
    assert is_alive(os.getpid(), process_started(os.getpid()))
    assert not is_alive(os.getpid(), "1")


def _job() -> dg.JobDefinition:
    return dg.Definitions(assets=[held], jobs=[dg.define_asset_job("hold")]).resolve_job_def("hold")


def _wait_for(file: Path, child: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while not file.exists():
        assert child.poll() is None, "the child ended by itself"
        assert time.monotonic() < deadline, "the child did not start its run"
        time.sleep(0.05)
