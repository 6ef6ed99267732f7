"""The README says what is true: its tables are the code's, its outputs those of its commands."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


def _load_parts() -> ModuleType:
    spec = importlib.util.spec_from_file_location("readme_parts", HERE / "readme_parts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


parts = _load_parts()
TEXT = parts.README.read_text(encoding="utf-8")


@pytest.mark.parametrize(("mark", "table"), [("codes", "code_table"), ("fields", "field_table")])
def test_generated_tables_are_current(mark: str, table: str) -> None:
    """The tables of codes and fields are what the code generates now."""
    assert parts.with_table(TEXT, mark, getattr(parts, table)()) == TEXT


def test_the_example_gives_the_call_that_is_shown(tmp_path: Path) -> None:
    """The YAML and the table of the README give its output, to the letter."""
    shown = parts.fenced(TEXT, "example: test-mapping")

    assert parts.test_mapping_output(tmp_path) == shown


def test_the_demo_prints_what_is_shown(tmp_path: Path) -> None:
    """The demo's output is the README's, but for folders, ports and rates."""
    assert parts.demo_output(tmp_path) == parts.fenced(TEXT, "demo")


def test_the_python_example_passes() -> None:
    """The example of a user's own test is a passing test."""
    names: dict[str, object] = {}

    exec(parts.fenced(TEXT, "example: test"), names)  # noqa: S102 - the README's own code
    test = names["test_a_user_becomes_an_identify_call"]

    assert callable(test)
    test()


def test_every_command_is_described() -> None:
    """Each command of the command line stands in the table of commands."""
    from segment_assets.cli import _COMMANDS

    missing = [name for name in _COMMANDS if not re.search(rf"`{name}[` ]", TEXT)]

    assert missing == []


def test_every_environment_variable_is_described() -> None:
    """Each variable that the package reads stands in the README."""
    package = parts.ROOT / "segment_assets"
    source = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    named = set(re.findall(r'"(SEGMENT_ASSETS_[A-Z_]+)"', source))

    assert {name for name in named if name not in TEXT} == set()


def test_folders_and_files_that_are_linked_exist() -> None:
    """Links into the repository lead somewhere."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if not link.startswith("http")]

    assert [link for link in links if not (parts.ROOT / link).exists()] == []


def test_what_is_named_as_tests_holds_tests() -> None:
    """Each promise names a file of tests, or a folder that has some."""
    named = [parts.ROOT / name for name in re.findall(r"`(segment_assets_tests/[\w./]+)`", TEXT)]

    assert named
    assert [path for path in named if not path.is_file() and not list(path.glob("test_*.py"))] == []


def test_the_schema_command_prints_json(tmp_path: Path) -> None:
    """`segment-assets schema` prints a JSON document."""
    assert json.loads(parts.run(["schema"], tmp_path))
