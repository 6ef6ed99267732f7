"""`dev` starts Dagster's UI on the sample shop and ends everything it started."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from segment_assets_tests.cli.people import COMMAND, environment, run_command

_QUERY = (
    "{ assetNodes { assetKey { path } } "
    'schedulesOrError(repositorySelector: {repositoryName: "__repository__", '
    'repositoryLocationName: "segment_assets.definitions"}) { __typename } }'
)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _ask(port: int) -> dict[str, Any] | None:
    """Return what GraphQL answers, or None while it doesn't yet."""
    try:
        answer = httpx.post(f"http://127.0.0.1:{port}/graphql", json={"query": _QUERY}, timeout=20)
    except httpx.TransportError:
        return None
    found: dict[str, Any] = answer.json().get("data") or {}
    return found if found.get("assetNodes") else None


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["terminate", "ctrl-c"])
def test_it_serves_and_leaves_no_process_behind(tmp_path: Path, number: signal.Signals) -> None:
    """The UI answers with all assets; after a signal no process of it is left, and none waits."""
    port = _free_port()
    log = tmp_path / "log.txt"
    with log.open("w") as out:
        child = subprocess.Popen(
            [COMMAND, "dev", "--port", str(port), "--emulator-port", "0"], cwd=tmp_path,
            env=environment(), stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    processes = [psutil.Process(child.pid)]
    try:
        deadline = time.monotonic() + 120
        while (found := _ask(port)) is None:
            assert child.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.3)
        processes += processes[0].children(recursive=True)
        os.kill(child.pid, number)
        began = time.monotonic()
        code = child.wait(timeout=40)
        seconds = time.monotonic() - began
        _, left = psutil.wait_procs(processes, timeout=5)
    finally:
        for process in processes:
            if process.is_running():
                process.kill()
        child.wait()
    print(f"dev: {len(processes)} processes ended in {seconds:.1f} s")

    assert len(processes) >= 4
    keys = {"/".join(node["assetKey"]["path"]) for node in found["assetNodes"]}
    assert {"shop/orders", "segment_sync/production/orders_track"} <= keys
    assert code == 0, log.read_text()
    assert left == []
    assert "Traceback" not in log.read_text()


def test_taken_emulator_port_is_a_sentence(tmp_path: Path) -> None:
    """A port that something else listens on is told, and nothing is made or started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        answer = run_command("dev", "--emulator-port", port, env={}, cwd=tmp_path)

    assert answer.returncode == 2
    assert f"port {port} can't be had" in answer.stderr
    assert "--emulator-port" in answer.stderr
    assert list(tmp_path.iterdir()) == []
