"""Runs in this very process: there is one way to run a sync, and the command line takes it too."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import dagster as dg
from dagster._core.errors import (
    DagsterHomeNotSetError,
    DagsterInvalidConfigError,
    DagsterInvariantViolationError,
)

from segment_assets.errors import CredentialError, SegmentAssetsError, UserError
from segment_assets.handoff import PlanReport, SyncReport
from segment_assets.orchestration.processes import free_dead_runs, own_tags
from segment_assets.orchestration.reports import OnProgress, listen

_UNSET_VARIABLE = re.compile(r'environment variable "([^"]+)" which is not set')


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended. `is_success` alone decides the exit code: errors never leave the run.

    `errors` are what stopped its assets. They are empty when a check stopped the run, or when
    rows are left: the reports then say why.
    """

    run_id: str
    is_success: bool
    plans: tuple[PlanReport, ...]
    syncs: tuple[SyncReport, ...]
    errors: tuple[BaseException, ...]

    @property
    def was_interrupted(self) -> bool:
        """Say whether a person or a signal stopped the run."""
        return any(not isinstance(error, Exception) for error in self.errors)


def open_instance() -> dg.DagsterInstance:
    """Return the instance of DAGSTER_HOME, so that runs are in the UI, else one in memory.

    Raises `UserError` when DAGSTER_HOME is no folder that Dagster can use.
    """
    if not os.environ.get("DAGSTER_HOME"):
        return dg.DagsterInstance.ephemeral()
    try:
        return dg.DagsterInstance.get()
    except (DagsterHomeNotSetError, DagsterInvariantViolationError) as error:
        raise UserError(f"DAGSTER_HOME can't be used: {error}") from error


def run_job(
    definitions: dg.Definitions,
    job_name: str,
    *,
    only: Sequence[dg.AssetKey] | None = None,
    on_progress: OnProgress | None = None,
    log_level: str = "CRITICAL",
) -> RunOutcome:
    """Run a named job here and return how it ended. `only` selects some of its assets.

    Runs that a killed command line left behind are ended first, so that their pool slots are free.
    Raises `UserError` for an unknown job and `CredentialError` for an environment variable that
    isn't set; everything that happens inside the run is in the outcome.
    """
    if job_name not in {job.name for job in definitions.jobs or ()}:
        raise UserError(f"there is no job named {job_name}")
    job = definitions.resolve_job_def(job_name)
    with open_instance() as instance, listen(on_progress) as reports:
        free_dead_runs(instance)
        try:
            result = job.execute_in_process(
                instance=instance,
                raise_on_error=False,
                tags=own_tags(),
                asset_selection=only,
                run_config={"loggers": {"console": {"config": {"log_level": log_level}}}},
            )
        except DagsterInvalidConfigError as error:
            unset = list(dict.fromkeys(_UNSET_VARIABLE.findall(str(error))))
            if not unset:
                raise
            plural, them = ("s", "them") if len(unset) > 1 else ("", "it")
            raise CredentialError(
                f"{_synced_by(job)} needs the environment variable{plural} "
                f"{' and '.join(unset)}, not set here; set {them} and run the same command again"
            ) from None
    outcome = RunOutcome(
        run_id=result.run_id,
        is_success=result.success,
        plans=tuple(reports.plans),
        syncs=tuple(reports.syncs),
        errors=tuple(reports.errors),
    )
    return outcome if _is_explained(outcome) else replace(outcome, errors=_dagster_error(result))


def _synced_by(job: dg.JobDefinition) -> str:
    """Return what a job works on in the words of a user: `production/people_identify`."""
    paths = [key.path for key in job.asset_layer.selected_asset_keys if key.path[0] == "plan"]
    if len(paths) == 1:
        return "/".join(paths[0][1:]).removesuffix("_plan")
    return " and ".join(sorted({path[1] for path in paths})) or job.name


def _is_explained(outcome: RunOutcome) -> bool:
    is_blocked = any(plan.status == "blocked" for plan in outcome.plans)
    return outcome.is_success or is_blocked or bool(outcome.errors or outcome.syncs)


def _dagster_error(result: dg.ExecuteInProcessResult) -> tuple[SegmentAssetsError]:
    """Tell a failure that never reached an asset's code: nothing that fails may be silent."""
    told = [str(event.message) for event in result.all_events if event.is_failure]
    return (SegmentAssetsError(f"run {result.run_id} failed: {'; '.join(told) or 'no reason'}"),)
