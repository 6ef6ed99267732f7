"""Who may import whom, what loading costs, and how long a file may be."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import segment_assets
from segment_assets_tests.cli.people import environment

_PACKAGE = Path(segment_assets.__file__).parent
_TESTS = Path(__file__).parent
_STAGES = {"warehouse", "mapping", "contract", "plan", "delivery", "ledger"}
#: Library -> the parts of the package that may import it.
_LIBRARIES = {
    "dagster": {"orchestration", "definitions", "cli"},
    "httpx": {"delivery"},
    "duckdb": {"warehouse", "ledger", "demo"},
    "pandera": {"contract"},
    "pandas": {"contract"},
    "starlette": {"emulator"},
    "uvicorn": {"emulator"},
    "click": {"cli"},
    "rich": {"cli"},
}
_MOST_LINES = 300


def _sources() -> Iterator[tuple[str, Path, ast.Module]]:
    """Yield (part, file, tree) of every module; its part is its folder, or itself."""
    for path in sorted(_PACKAGE.rglob("*.py")):
        part = path.relative_to(_PACKAGE).parts[0].removesuffix(".py")
        yield part, path, ast.parse(path.read_text(encoding="utf-8"))


def _imports(tree: ast.Module) -> Iterator[str]:
    """Yield the full names that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_stages_never_import_one_another() -> None:
    """A stage knows the facts and protocols between stages, and no other stage."""
    wrong = [
        f"{path.name} of {part} imports {name}"
        for part, path, tree in _sources()
        if part in _STAGES
        for name in _imports(tree)
        if name.startswith("segment_assets.")
        and name.split(".")[1] in (_STAGES | {"orchestration", "cli", "sync", "demo"}) - {part}
    ]
    assert wrong == []


def test_each_library_has_its_place() -> None:
    """One part speaks HTTP, one speaks to databases, one checks frames, one is Dagster's."""
    wrong = [
        f"{path.relative_to(_PACKAGE)} imports {name}"
        for part, path, tree in _sources()
        for name in _imports(tree)
        if part not in _LIBRARIES.get(name.split(".")[0], {part})
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import segment_assets.sync", {"dagster"}),
        ("import segment_assets.cli", {"dagster", "pandas", "pandera", "duckdb", "httpx"}),
        ("import segment_assets.definitions as d; d.defs()",
         {"pandas", "pandera", "duckdb", "httpx", "uvicorn"}),
        ("import segment_assets; segment_assets.SegmentDestination",
         {"pandas", "pandera", "duckdb", "httpx"}),
    ],
    ids=["core", "command-line", "definitions", "components"],
)  # fmt: skip
def test_loading_stays_light(statement: str, unwanted: set[str], tmp_path: Path) -> None:
    """The core works without Dagster in memory; Dagster loads without a driver in memory."""
    script = f"import sys; {statement}; print(*sorted({unwanted!r} & sys.modules.keys()))"
    child = subprocess.run(
        [sys.executable, "-c", script], env=environment(), cwd=tmp_path, capture_output=True,
        text=True, check=True, timeout=120,
    )  # fmt: skip

    assert child.stdout.split() == []


def test_no_file_is_longer_than_300_lines() -> None:
    """A file that long has two subjects."""
    files = [path for folder in (_PACKAGE, _TESTS) for path in folder.rglob("*.py")]
    sizes = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files}

    assert {name: size for name, size in sizes.items() if size > _MOST_LINES} == {}


def test_no_module_has_a_name_for_anything() -> None:
    """No file is a drawer for what has no place."""
    names = {path.stem for path in _PACKAGE.rglob("*.py")}

    assert names & {"utils", "util", "helpers", "common", "misc", "base"} == set()


def test_messages_never_call_an_accepted_call_delivered() -> None:
    """A 200 says that the API took a call, and nothing of where it arrived: plans are delivered."""
    thing = re.compile(r"\b(calls?|rows?|records?|events?)\b[^.;:,]* delivered\b", re.IGNORECASE)
    wrong = [
        f"{path.name}:{node.lineno}: {node.value}"
        for _part, path, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value
        if thing.search(node.value)
    ]
    assert wrong == []
