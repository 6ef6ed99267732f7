"""Each invalid case is a file; what is told about it stands beside it, line by line."""

from pathlib import Path
from shutil import copy

import pytest

from segment_assets.declare.build import load_project
from segment_assets.errors import DeclarationError

CASES = sorted((Path(__file__).parent / "cases" / "invalid").glob("*.yaml"))


def mistakes_of(case: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Load one case in a folder of its own and return what is told."""
    copy(case, folder)
    monkeypatch.chdir(folder)
    with pytest.raises(DeclarationError) as caught:
        load_project(folder)
    return list(caught.value.mistakes)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_mistake_is_told(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All mistakes of a file are told at once, complete, each with its line, in order."""
    expected = case.with_suffix(".txt").read_text().splitlines()

    told = mistakes_of(case, tmp_path, monkeypatch)

    assert told == expected
    lines = [int(mistake.split(":")[1]) for mistake in told]
    assert lines == sorted(lines)


def test_a_pasted_key_is_never_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write key is in no mistake, wherever in the declaration it was pasted."""
    case = next(case for case in CASES if case.stem == "write_key_pasted")

    told = "\n".join(mistakes_of(case, tmp_path, monkeypatch))

    assert "qT7xLm2Pz9RkWc4VbN8sJd3FgH6yUaE1" not in told
    assert "looks like a key itself" in told
