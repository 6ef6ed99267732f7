"""Fixtures: a small project with an emulator, and the command line in this very process."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from segment_assets.cli import run
from segment_assets.emulator import Emulator
from segment_assets_tests.cli import people


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Answer]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Run a local Tracking API that knows one key."""
    with Emulator(write_keys={people.WRITE_KEY}) as running:
        yield running


@pytest.fixture
def defs(tmp_path: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the project and set its variables; return the folder of declarations."""
    folder = people.write_people(tmp_path, emulator.url)
    for name in ("SEGMENT_ASSETS_HOME", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SEGMENT_ASSETS_DEFS", str(folder))
    monkeypatch.setenv(people.KEY_VARIABLE, people.WRITE_KEY)
    return folder


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Return a function that runs a command here: the installed one does the same and exits."""

    def call(*arguments: str) -> Answer:
        capsys.readouterr()
        code = run(arguments)
        return Answer(code, *capsys.readouterr())

    return call
