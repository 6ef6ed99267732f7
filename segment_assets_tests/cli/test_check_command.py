"""`check` reports every mistake at once, each with file, line and what is allowed."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from segment_assets.emulator import Emulator
from segment_assets_tests.cli.people import execute, one_document

Cli = Callable[..., Any]


def _edit(defs: Path, old: str, new: str, name: str = "production") -> None:
    path = defs / name / "defs.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def _mistakes(answer: Any) -> list[str]:
    """Return the mistakes that were told; each must begin with a file and a line."""
    *lines, _last = answer.out.splitlines()
    mistakes = [line for line in lines if not line.startswith("warning: ")]
    assert answer.code == 2
    assert [line for line in mistakes if not re.match(r"\S+defs\.yaml:\d+: ", line)] == []
    return mistakes


def test_good_declarations_are_counted(cli: Cli, defs: Path, emulator: Emulator) -> None:
    """Without a mistake it says what it saw, and neither sends nor stores anything."""
    answer = cli("check")

    assert (answer.code, answer.err) == (0, "")
    assert answer.out.endswith(
        "defs: 2 models, 1 destination, 2 mappings: no mistake, 2 warnings\n"
    )
    assert emulator.store.counts()["requests"] == 0
    assert list(defs.rglob("*.duckdb")) == [defs / "club" / "club.duckdb"]


def test_all_mistakes_of_all_files_come_at_once(cli: Cli, defs: Path) -> None:
    """A wrong region, an unknown field, a wrong action and a wrong engine are four lines."""
    _edit(defs, "  endpoint: ", "  region: moon\n  endpoint: ")
    _edit(defs, "        user_id: $.person_id\n        traits", "        user: $.x\n        traits")
    _edit(defs, "action: track", "action: trak")
    _edit(defs, "engine: duckdb", "engine: duckbd", "club")
    answer = cli("check")
    told = "\n".join(_mistakes(answer))

    assert "'moon'" in told
    assert "us" in told
    assert "eu" in told
    assert "user_id" in told
    assert "track" in told
    assert "duckdb" in told
    assert answer.out.splitlines()[-1] == f"{len(_mistakes(answer))} mistakes in {defs}"


def test_unknown_column_and_key_are_found_in_the_database(cli: Cli, defs: Path) -> None:
    """A column or primary key that the table doesn't have is told with the nearest name."""
    _edit(defs, "email: $.email", "email: $.emial")
    _edit(defs, "primary_key: order_id", "primary_key: order_no", "club")
    told = _mistakes(cli("check"))

    assert len(told) == 2
    assert any("'emial'" in line and "did you mean 'email'" in line for line in told)
    assert any("'order_no'" in line and "order_id" in line for line in told)
    assert one_document(cli("check", "--json").out)["mistakes"] == told


def test_missing_table_and_missing_file_are_told_once(cli: Cli, defs: Path) -> None:
    """What a model can't be read from is one mistake, however many mappings read it."""
    _edit(defs, "main.orders", "main.ordres", "club")
    [table] = _mistakes(cli("check"))
    (defs / "club" / "club.duckdb").unlink()
    [file] = _mistakes(cli("check"))

    assert "ordres" in table
    assert "club.duckdb" in file


def test_51_mappings_are_one_too_many(cli: Cli, defs: Path) -> None:
    """A destination takes 50 mappings, as at Segment."""
    mapping = (
        "\n    - {name: m%d, source: club/people, action: identify, fields: {user_id: $.person_id}}"
    )
    _edit(defs, "\n  mappings:", "\n  mappings:" + "".join(mapping % n for n in range(48)))
    assert cli("check").code == 0
    _edit(defs, "\n  mappings:", "\n  mappings:" + mapping % 48)

    assert any("50" in line for line in _mistakes(cli("check")))


def test_two_mappings_of_one_name_and_a_key_written_twice(cli: Cli, defs: Path) -> None:
    """Names are unique in a destination; a YAML key that stands twice is no silent last one."""
    _edit(defs, "name: orders_track", "name: people_identify")
    _edit(defs, "      action: identify", "      action: identify\n      action: group")
    told = _mistakes(cli("check"))

    assert any("people_identify" in line and "unique" in line for line in told)
    assert any("action" in line and ("twice" in line or "two" in line) for line in told)


def test_broken_yaml_is_told_beside_the_mistakes_of_other_files(cli: Cli, defs: Path) -> None:
    """A file that is no YAML has its line, and the other file's mistakes are there as well."""
    _edit(defs, "  mappings:", "  mappings: [")
    _edit(defs, "engine: duckdb", "engine: duckbd", "club")
    told = _mistakes(cli("check"))

    assert any("production" in line.split(":")[0] for line in told)
    assert any("duckbd" in line for line in told)


def test_folder_without_declarations_is_a_mistake(cli: Cli, tmp_path: Path) -> None:
    """A path that is mistyped must not look like a project without a fault."""
    (tmp_path / "empty").mkdir()
    empty = cli("--defs", str(tmp_path / "empty"), "check")
    missing = cli("--defs", str(tmp_path / "nothing"), "check")

    assert (empty.code, missing.code) == (2, 2)
    assert "holds no declaration" in empty.out
    assert "is no folder" in missing.out
    assert cli("--defs", str(tmp_path / "empty"), "sync", "--all").code == 2


def test_warnings_alone_are_no_mistake(cli: Cli, defs: Path) -> None:
    """What will hurt is told with file and line and leaves the exit code at 0."""
    answer = cli("check")
    told = one_document(cli("check", "--json").out)
    *lines, _last = answer.out.splitlines()

    assert answer.code == 0
    assert [line.removeprefix("warning: ") for line in lines] == told["warnings"]
    file = f"{defs}/production/defs.yaml"
    assert [warning.partition(": reads")[0] for warning in told["warnings"]] == [
        (
            f"{file}:17: production/orders_track: fields: no timestamp is mapped, so Segment dates "
            "every event at its arrival, old ones too; map timestamp to the column that says when "
            "it happened"
        ),
        f"{file}:18: production/orders_track: fields.user_id",
    ]


def test_a_not_null_column_is_no_danger(cli: Cli, defs: Path) -> None:
    """What the catalog declares NOT NULL needs no second id; a view's columns aren't known."""
    execute(defs, "alter table orders alter person_id set not null")
    assert "person_id" not in cli("check").out
    execute(defs, "alter table orders rename to kept; create view orders as from kept")
    assert "person_id" not in cli("check").out
