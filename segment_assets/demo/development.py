"""`segment-assets dev`: the Dagster UI on the sample shop, with the emulator beside it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Final

from segment_assets.cli.render import console
from segment_assets.demo.stage import running_emulator, set_stage

_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: (what to send, seconds to wait for it): politely, firmly, and for good.
_ENDINGS: Final = ((signal.SIGINT, 15.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
_POLL_SECONDS: Final = 0.05


def serve_development(folder: Path, key: str, port: int, emulator_port: int) -> int:
    """Run until Ctrl-C; what was started is ended, and nothing else.

    Raises `UserError` where the folder or the emulator's port can't be had.
    """
    for number in _STOP_SIGNALS:
        # Set before the child starts: it then takes SIGINT even where a shell started us in the
        # background, which makes children ignore it.
        signal.signal(number, _interrupt)
    try:
        with running_emulator(key, emulator_port) as emulator:
            set_stage(folder, endpoint=emulator.url, key=key)
            console.print(
                f"Dagster UI: http://127.0.0.1:{port}   "
                f"debugger of the Tracking API: {emulator.url}\n"
                f"declarations: {folder / 'defs'} (edit them, then reload the code location)\n"
                "Stop both with Ctrl-C."
            )
            return _run_dagster(_make_home(folder), port)
    except KeyboardInterrupt:
        return 0


def _run_dagster(home: Path, port: int) -> int:
    """Run `dagster dev` and return its exit code. It ends with this process's turn, always."""
    quietly = "ignore:Function `dev_command`"  # it advises a tool that isn't needed here
    command = [sys.executable, "-W", quietly, "-m", "dagster", "dev", "-m",
               "segment_assets.definitions", "--port", str(port)]  # fmt: skip
    environment = {**os.environ, "DAGSTER_HOME": str(home)}
    # A session of its own: its servers and daemons end with it, whatever state they are in.
    child = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603 - our own command
    try:
        return child.wait()
    finally:
        _end(child)


def _make_home(folder: Path) -> Path:
    example = Path(__file__).resolve().parent.parent / "docs" / "dagster.yaml"
    home = folder / "dagster_home"
    home.mkdir(exist_ok=True)
    (home / "dagster.yaml").write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    return home


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End every process of the child's session; a second Ctrl-C doesn't leave it half done."""
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for number, seconds in _ENDINGS:
        deadline = time.monotonic() + seconds
        if not _is_alive(child, number):
            return
        while _is_alive(child) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)


def _is_alive(child: "subprocess.Popen[bytes]", number: int = 0) -> bool:
    """Send a signal (0: none) to the child's process group and say whether there still is one."""
    child.poll()  # reaps it: a process that is only waiting to be reaped counts as alive
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return False
    return True
