"""Cancel and errors: an asset that is stopped is never tried again by itself."""

from collections.abc import Callable

import dagster as dg
import pytest
from dagster._core.errors import DagsterExecutionInterruptedError

from segment_assets.errors import Busy
from segment_assets.orchestration.reports import listen
from segment_assets.orchestration.steps import errors_as_failures, stop_reason


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(DagsterExecutionInterruptedError, "Cancelled", id="terminate"),
        pytest.param(KeyboardInterrupt, "Cancelled", id="ctrl-c"),
        pytest.param(Busy, "another run holds it", id="own-error"),
    ],
)
def test_stopped_asset_is_not_retried(error: type[BaseException], said: str) -> None:
    """Even under a retry policy, an interrupt or an own error ends the asset at once."""
    attempts: list[int] = []

    @dg.asset(retry_policy=dg.RetryPolicy(max_retries=2))
    def stopped(context: dg.AssetExecutionContext) -> None:
        attempts.append(1)
        with errors_as_failures(context):
            raise error("another run holds it")

    with dg.DagsterInstance.ephemeral() as instance, listen() as reports:
        result = dg.materialize([stopped], instance=instance, raise_on_error=False)
        run = instance.get_run_by_id(result.run_id)

    assert not result.success
    assert len(attempts) == 1
    assert [said in str(told) for told in reports.errors] == [True]
    failure = result.failure_data_for_node("stopped")
    assert failure is not None
    assert said in str(failure.error)
    is_cancelled = error is not Busy
    assert isinstance(reports.errors[0], KeyboardInterrupt) is is_cancelled
    assert run is not None
    assert (run.tags.get("dagster/max_retries") == "0") is is_cancelled


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        pytest.param("report_run_canceling", "terminated", id="terminate-in-ui"),
        pytest.param("report_run_canceled", "terminated", id="force-terminate"),
        pytest.param("report_run_failed", "reported failed", id="declared-dead"),
    ],
)
def test_sender_hears_of_terminate_from_the_stored_status(report: str, reason: str) -> None:
    """The status of its own run is what tells a sender to stop, asked at most once a second."""
    now = [100.0]
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(_job(), status=dg.DagsterRunStatus.STARTED)
        should_stop = stop_reason(instance, run.run_id, clock=lambda: now[0])
        assert should_stop() is None

        told: Callable[[dg.DagsterRun], object] = getattr(instance, report)
        told(run)

        assert should_stop() is None, "asked twice within a second"
        now[0] += 1.0
        assert reason in (should_stop() or "")


def _job() -> dg.JobDefinition:
    @dg.asset
    def any_asset() -> None: ...

    job = dg.define_asset_job("any")
    return dg.Definitions(assets=[any_asset], jobs=[job]).resolve_job_def("any")
