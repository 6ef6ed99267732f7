"""`emulate` starts, says where, answers, and ends on a signal."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from segment_assets_tests.cli.people import COMMAND, environment, run_command

Cli = Callable[..., Any]


@contextmanager
def _emulating(
    cwd: Path, *arguments: str, **env: str
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    child = subprocess.Popen(
        [COMMAND, "emulate", "--port", "0", *arguments], env=environment(env), cwd=cwd, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        yield child, _url(child.stdout)
    finally:
        child.kill()
        child.communicate()


def _url(stdout: IO[str]) -> str:
    found = re.search(r"listens at (http://127\.0\.0\.1:\d+)$", stdout.readline().strip())
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["terminate", "ctrl-c"])
def test_it_answers_and_ends_well_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """It takes a call, shows its page, and ends with 0 and without a traceback."""
    with _emulating(tmp_path) as (child, url):
        call = {"type": "track", "userId": "u", "event": "E", "messageId": "m"}
        posted = httpx.post(f"{url}/v1/batch", json={"batch": [call]}, auth=("any-key", ""))
        page = httpx.get(url)
        counts = httpx.get(f"{url}/_emulator/counts").json()
        os.kill(child.pid, number)
        rest, _ = child.communicate(timeout=20)

    assert (posted.status_code, page.status_code, counts["accepted"]) == (200, 200, 1)
    assert child.returncode == 0
    assert "Traceback" not in rest


def test_it_knows_one_key_where_one_is_named(tmp_path: Path) -> None:
    """With --write-key-env only the key in that variable is known."""
    with _emulating(tmp_path, "--write-key-env", "PEOPLE_KEY", PEOPLE_KEY="known") as (_, url):
        answers = [httpx.get(f"{url}/v1/projects/{key}/settings") for key in ("known", "other")]

    assert [answer.status_code for answer in answers] == [200, 404]


def test_it_tells_a_port_or_variable_that_cannot_be_had(cli: Cli, tmp_path: Path) -> None:
    """A taken port, an impossible port and an unset variable are sentences with exit code 2."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        busy = run_command("emulate", "--port", port, env={}, cwd=tmp_path)
    impossible = cli("emulate", "--port", "70000")
    unset = cli("emulate", "--write-key-env", "PEOPLE_NO_SUCH_KEY")

    assert (busy.returncode, impossible.code, unset.code) == (2, 2, 2)
    assert f"Port {port} of 127.0.0.1 can't be had" in busy.stderr
    assert "Traceback" not in busy.stderr
    assert "PEOPLE_NO_SUCH_KEY is not set" in unset.err
