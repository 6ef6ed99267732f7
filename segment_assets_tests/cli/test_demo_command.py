"""`demo` in an empty folder: three runs, each proved against what the API received."""

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from segment_assets.demo.shop import PLANTED, TABLE_ROWS
from segment_assets_tests.cli.people import run_command

Cli = Callable[..., Any]


def _rejected_in_first_run(out: str) -> dict[str, Counter[str]]:
    """Return the counts by code that the first run told for each mapping."""
    first = out.partition("Second run")[0]
    found: dict[str, Counter[str]] = {}
    name = ""
    for line in first.splitlines():
        if line.startswith("  production/"):
            name = line.strip().removeprefix("production/")
        if " rejected: " in line:
            codes = re.findall(r"(\d[\d,]*) (\w+)", line.partition(" rejected: ")[2])
            found[name] = Counter({code: int(n.replace(",", "")) for n, code in codes})
    return found


def _check_story(out: str, planted: Mapping[str, Mapping[str, int]]) -> None:
    """Assert that counts are the planted ones; 50 calls, then none; ids equal each time."""
    assert _rejected_in_first_run(out) == planted
    assert "First run: every row is added" in out
    assert "Second run: 40 rows were changed and 10 deleted" in out
    assert "50 calls went, 50 were due: equal" in out
    assert "Third run: nothing changed" in out
    assert "0 calls went, 0 were due: equal" in out
    assert len(re.findall(r"^messageIds: the API holds ([\d,]+), the ledger \1: equal$", out,
                          re.MULTILINE)) == 3  # fmt: skip
    assert "NOT equal" not in out


def test_small_demo_tells_the_whole_story(tmp_path: Path) -> None:
    """The quick form has the same faults, the same changes and the same proofs."""
    answer = run_command("demo", "--small", env={}, cwd=tmp_path)

    assert (answer.returncode, answer.stderr) == (0, "")
    _check_story(answer.stdout, PLANTED)
    assert (tmp_path / ".segment_assets" / "demo" / "shop.duckdb").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [".segment_assets"]


@pytest.mark.slow
def test_demo_tells_the_whole_story_in_a_minute(tmp_path: Path) -> None:
    """All 62,150 rows go in under a minute; only a machine at its end takes three."""
    began = time.monotonic()
    answer = run_command("demo", env={}, cwd=tmp_path, seconds=400)
    seconds = time.monotonic() - began
    print(f"demo: {seconds:.0f} s (60 are promised)")

    assert answer.returncode == 0, answer.stderr
    assert f"{sum(TABLE_ROWS.values()):,} rows in 5 tables" in answer.stdout
    _check_story(answer.stdout, PLANTED)
    assert seconds < 180


def test_folder_of_someone_else_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    """A folder that holds what the demo didn't make is refused, and one that can't be made too."""
    kept = tmp_path / "kept" / "precious.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    refused = cli("demo", "--folder", str(kept.parent))
    impossible = cli("demo", "--folder", str(kept / "below a file"))

    assert (refused.code, impossible.code) == (2, 2)
    assert "holds files that the demo didn't make" in refused.err
    assert "can't be made" in impossible.err
    assert kept.read_text() == "mine"
