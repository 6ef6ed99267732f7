"""Runs that the command line started, and what is left of them when their process is killed.

Dagster watches the runs that its daemon launches. A run in the process of a command line has no
watcher: after SIGKILL it stays "started" and keeps its pool slot for ever. So such a run carries
its host, process and the process's start time, and whoever comes next ends it.
"""

import os
import socket
import subprocess
from pathlib import Path

import dagster as dg

HOST_TAG = "segment_assets/host"
PID_TAG = "segment_assets/pid"
STARTED_TAG = "segment_assets/pid_started"


def own_tags() -> dict[str, str]:
    """Return the run tags that name this process. A process number alone is used again."""
    tags = {HOST_TAG: socket.gethostname(), PID_TAG: str(os.getpid())}
    started = process_started(os.getpid())
    return tags | ({STARTED_TAG: started} if started else {})


def process_started(pid: int) -> str | None:
    """Return when a process started, as an opaque text; None where that can't be found out."""
    fields = _stat_fields(pid)
    if fields:
        return fields[19]
    if Path("/proc/self/stat").exists():
        return None
    asked = subprocess.run(  # noqa: S603 # a fixed command and a number
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "-".join(asked.stdout.replace(":", ".").split()) or None


def is_alive(pid: int, started: str | None) -> bool:
    """Say whether the process that was tagged still runs, and is not a later one of its number.

    In doubt it is alive: ending the run of a living sender is worse than waiting for a dead one.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it exists and belongs to someone else; its start time still tells
    if _stat_fields(pid)[:1] == ["Z"]:  # killed, and only waiting for its parent to notice
        return False
    now = process_started(pid)
    return started is None or now is None or now == started


def _stat_fields(pid: int) -> list[str]:
    """Return Linux's facts of a process from its state on (proc(5), field 3); elsewhere none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []
    return text.rpartition(")")[2].split()  # the command's name may itself hold spaces, brackets


def free_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Report runs of dead processes of this host as failed, free their slots, return their ids."""
    filters = dg.RunsFilter(
        tags={HOST_TAG: socket.gethostname()},
        statuses=[
            dg.DagsterRunStatus.NOT_STARTED,
            dg.DagsterRunStatus.STARTING,
            dg.DagsterRunStatus.STARTED,
            dg.DagsterRunStatus.CANCELING,
        ],
    )
    freed = []
    for run in instance.get_runs(filters=filters):
        pid = run.tags.get(PID_TAG, "")
        if not pid.isdigit() or is_alive(int(pid), run.tags.get(STARTED_TAG)):
            continue
        instance.report_run_failed(
            run,
            f"Process {pid}, in which the command line ran this, is gone. What it had planned and "
            "sent is in the ledger; the next run of the same sync goes on from there.",
        )
        if instance.event_log_storage.supports_global_concurrency_limits:
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        freed.append(run.run_id)
    return freed
