"""`segment-assets dev`: the Dagster UI on the sample shop, with the emulator beside it."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from segment_assets.cli.render import console
from segment_assets.demo.stage import set_stage
from segment_assets.emulator.server import Emulator


def serve_development(folder: Path, key: str, port: int, emulator_port: int) -> int:
    """Run until Ctrl-C; what was started is ended, and nothing else."""
    with Emulator(write_keys={key}, port=emulator_port) as emulator:
        set_stage(folder, endpoint=emulator.url, key=key)
        home = folder / "dagster_home"
        home.mkdir(exist_ok=True)
        (home / "dagster.yaml").write_text(_instance(), encoding="utf-8")
        console.print(
            f"Dagster UI: http://127.0.0.1:{port}   debugger of the Tracking API: {emulator.url}\n"
            f"declarations: {folder / 'defs'} (edit them, then reload the code location)\n"
            "Stop both with Ctrl-C."
        )
        command = [sys.executable, "-m", "dagster", "dev", "-m", "segment_assets.definitions",
                   "--port", str(port)]  # fmt: skip
        environment = {**os.environ, "DAGSTER_HOME": str(home)}
        # A session of its own: its servers and daemons end with it, whatever state they are in.
        child = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603 - our own command
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            return child.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            _end(child)


def _instance() -> str:
    example = Path(__file__).resolve().parent.parent / "docs" / "dagster.yaml"
    return example.read_text(encoding="utf-8")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _end(child: "subprocess.Popen[bytes]") -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            return
        try:
            child.wait(timeout=8)
        except subprocess.TimeoutExpired:
            continue
