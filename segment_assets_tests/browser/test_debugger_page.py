"""The debugger page in a real browser: calls are shown, filters work, the console stays silent."""

import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from segment_assets.emulator.server import Emulator

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
#: No sandbox (CI runs as root), no calls home, and the page's console on stderr.
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-logging=stderr", "--virtual-time-budget=4000", "--dump-dom",
]  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]


def look(url: str, profile: Path) -> tuple[str, list[str]]:
    """Open a page and return its document after its script ran, and what its console said."""
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", url]
    done = subprocess.run(command, text=True, capture_output=True, timeout=90, check=True)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def send(emulator: Emulator, *calls: dict[str, object]) -> None:
    """Post calls as one batch."""
    body = {"batch": list(calls), "writeKey": "k"}
    httpx.post(f"{emulator.url}/v1/batch", json=body).raise_for_status()


def test_calls_are_shown_newest_first(tmp_path: Path) -> None:
    """Each call stands in the list with its type, the dropped one with its reason."""
    with Emulator() as emulator:
        send(
            emulator,
            {"type": "identify", "userId": "ada", "messageId": "m-1", "traits": {"plan": "pro"}},
            {"type": "track", "userId": "ada", "event": "Order Completed", "messageId": "m-2"},
            {"type": "track", "event": "Nobody Did This", "messageId": "m-3"},
        )
        page, console = look(emulator.url, tmp_path)

    assert console == []
    assert page.index("Order Completed") < page.index(">ada<")
    assert "missing_id" in page
    assert "Nobody Did This" in page


def test_a_filter_in_the_address_is_kept(tmp_path: Path) -> None:
    """A link to one type shows that type only."""
    with Emulator() as emulator:
        send(
            emulator,
            {"type": "identify", "userId": "grace", "messageId": "m-1"},
            {"type": "track", "userId": "u", "event": "Order Completed", "messageId": "m-2"},
        )
        page, console = look(f"{emulator.url}/#type=track", tmp_path)

    assert console == []
    assert "Order Completed" in page
    assert "grace" not in page


def test_a_call_is_text_and_never_markup(tmp_path: Path) -> None:
    """What a call holds can't become a part of the page."""
    with Emulator() as emulator:
        send(
            emulator,
            {"type": "track", "userId": "u", "event": "<img src=x>", "messageId": "m-1"},
        )
        page, console = look(emulator.url, tmp_path)

    assert console == []
    assert "<img src=" not in page
    assert "&lt;img src=x&gt;" in page
