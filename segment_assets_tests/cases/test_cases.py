"""Faults that others reported: each row, run for real, ends as it should.

`given.jsonl` holds one case per kind of reported fault, `siblings.jsonl` another case of each
kind. Both are data: a table, a mapping, and the calls and reasons that must come of them.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from segment_assets.emulator import Emulator, Store
from segment_assets_tests.cases.case_judgement import judge, leaves, same
from segment_assets_tests.cases.case_run import (
    KEY,
    Found,
    columns_of,
    run_sync,
    sync_of,
)
from segment_assets_tests.cases.case_table import write_csv, write_rows

FILES = ("given.jsonl", "siblings.jsonl")
CASES = {
    case["id"]: case
    for name in FILES
    for case in map(json.loads, (Path(__file__).parent / name).read_text().splitlines())
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """Run one emulator that keeps what was posted."""
    with Emulator(write_keys={KEY}, store=Store(record_bodies=True)) as running:
        yield running


@pytest.mark.parametrize("name", CASES)
def test_a_reported_fault_does_not_happen(
    name: str, tmp_path: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows become exactly the expected calls and rejections, run by run."""
    case = CASES[name]
    zone = case.get("env", {}).get("TZ")
    if zone and os.environ.get("TZ") != zone:
        assert run_elsewhere(zone) == ""
        return
    monkeypatch.delenv("SEGMENT_ASSETS_HOME", raising=False)
    runs = list(run_all(case, tmp_path / "case.duckdb", emulator))

    expected = case["expect"].get("runs", [case["expect"]])
    for expect, (found, keys) in zip(expected, runs, strict=True):
        assert judge(expect, found, keys) == []
    for never in case.get("never", []):
        sent = [leaf for found, _ in runs for leaf in leaves(found.tried)]
        assert not [leaf for leaf in sent if same(leaf, never)]
    check_message_ids(case, [found for found, _ in runs])


def run_all(
    case: Mapping[str, Any], database: Path, emulator: Emulator
) -> Iterator[tuple[Found, Sequence[str | None]]]:
    """Run a case as often as it says, with one state; yield results and the rows' keys."""
    scripts = case.get("server", [None] * len(case.get("runs", [0])))
    for rows, script in zip(case.get("runs", [case.get("rows", [])]), scripts, strict=True):
        if "csv" in case:
            write_csv(database, case["csv"])
        else:
            write_rows(database, rows, columns_of(case["mapping"]))
        keys = [key_text(row[case["key"]]) if "key" in case else str(number)
                for number, row in enumerate(rows)]  # fmt: skip
        yield run_sync(sync_of(case), database, emulator, script), keys


def key_text(value: Any) -> str | None:
    """Return a primary key as text."""
    return value["value"] if isinstance(value, dict) else value


def check_message_ids(case: Mapping[str, Any], runs: Sequence[Found]) -> None:
    """Check what the case says of messageIds; a call that was taken never shares its own."""
    taken = [call["messageId"] for found in runs for call in found.taken]
    assert len(taken) == len(set(taken))
    if case.get("message_id", "").startswith("same as the tries in run 1"):
        tries = [call["messageId"] for call in runs[0].tried]
        assert len(tries) > 1
        assert set(tries) == {call["messageId"] for call in runs[1].tried}


@cache
def run_elsewhere(zone: str) -> str:
    """Run the cases of another timezone in one process of that zone; return what went wrong."""
    names = [f"[{name}]" for name, case in CASES.items() if case.get("env") == {"TZ": zone}]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider"),
            *(__file__, "-k", " or ".join(names)),
        ],
        env={**os.environ, "TZ": zone},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 and f"{len(names)} passed" in done.stdout else done.stdout


def test_every_kind_of_fault_has_a_sibling_case() -> None:
    """A fix of a case must be a fix of its kind: each kind is tried once more, on other values."""
    kinds = [
        {
            json.loads(line)["kind"]
            for line in (Path(__file__).parent / file).read_text().splitlines()
        }
        for file in FILES
    ]

    assert kinds[0] == kinds[1]
