"""What every command has in common: help, hints, one JSON document, exit codes."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from segment_assets.cli import cli as group
from segment_assets.cli import exit_code_of
from segment_assets.errors import (
    Busy,
    CredentialError,
    DeclarationError,
    DeliveryError,
    LawBroken,
    PlanBlocked,
    PlanNotApproved,
    StateError,
)
from segment_assets_tests.cli.people import one_document, run_command

Cli = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("defs")
_COMMANDS = ("approve", "check", "deliver", "demo", "dev", "emulate", "plan", "rejected", "schema",
             "status", "sync", "test-mapping")  # fmt: skip


def test_every_command_is_listed_and_explained(cli: Cli) -> None:
    """`--help` of the group and of each command says what it does, within 80 columns."""
    listed = cli("--help").out
    for name in _COMMANDS:
        answer = cli(name, "--help")
        words = " ".join(answer.out.split())
        command = group.get_command(None, name)  # type: ignore[arg-type]  # not looked at
        assert command is not None
        assert command.help is not None
        assert f"  {name} " in listed
        assert answer.code == 0
        assert " ".join(command.help.split()) in words
        assert all(parameter.name in {"name", "plan_id"} or getattr(parameter, "help", None)
                   for parameter in command.params), name  # fmt: skip
        assert max(len(line) for line in answer.out.splitlines()) <= 80
    assert "..." not in listed.partition("Commands:")[2]


def test_help_starts_in_about_a_second(tmp_path: Path) -> None:
    """Help loads neither Dagster nor a database; the limit leaves room for a busy machine."""
    seconds = {}
    for name in ("sync", "emulate", "test-mapping"):
        began = time.monotonic()
        assert run_command(name, "--help", env={}, cwd=tmp_path).returncode == 0
        seconds[name] = round(time.monotonic() - began, 2)
    print(f"--help: {seconds} s")

    assert min(seconds.values()) < 3


def test_unknown_names_are_told_with_the_nearest(cli: Cli) -> None:
    """A mistyped command or mapping is answered with the one that was meant."""
    command = cli("pln", "--all")
    mapping = cli("plan", "people_identfy")
    stranger = cli("plan", "zzz")

    assert [answer.code for answer in (command, mapping, stranger)] == [2, 2, 2]
    assert "There is no command pln. Did you mean plan?" in command.err
    assert "Did you mean production/people_identify?" in mapping.err
    assert "Mappings: production/people_identify, production/orders_track." in stranger.err
    assert "Did you mean" not in stranger.err


def test_name_that_two_destinations_have_must_be_whole(cli: Cli, defs: Path) -> None:
    """A short name is taken only while it is unique."""
    text = (defs / "production" / "defs.yaml").read_text()
    (defs / "staging").mkdir()
    (defs / "staging" / "defs.yaml").write_text(text.replace("name: production", "name: staging"))

    answer = cli("plan", "people_identify")

    assert answer.code == 2
    assert "production/people_identify, staging/people_identify: write the whole name" in answer.err
    assert cli("plan", "staging/people_identify").code == 0


def test_one_mapping_or_all(cli: Cli) -> None:
    """Neither a name nor --all, or both, is used wrongly: nothing is run by accident."""
    assert cli("sync").code == 2
    assert cli("sync", "people_identify", "--all").code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("sync", "nothing"),
        ("plan",),
        ("status", "--frmt"),
        ("rejected", "nothing"),
        ("test-mapping", "people_identify", "--limit", "0"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_json_is_one_document_also_when_it_goes_wrong(cli: Cli, arguments: tuple[str, ...]) -> None:
    """With --json a machine finds the error on stdout too, and nothing else there."""
    answer = cli(*arguments, "--json")
    facts = one_document(answer.out)

    assert answer.code == facts["exit_code"] == 2
    assert facts["error"]["message"]
    assert "Error: " in answer.err


def test_json_of_every_reading_command_is_one_document(cli: Cli) -> None:
    """check, plan, sync, status, rejected, test-mapping and schema print JSON and only that."""
    for arguments in (
        ("check",), ("plan", "people_identify"), ("sync", "people_identify"), ("status",),
        ("rejected", "people_identify"), ("test-mapping", "people_identify"),
    ):  # fmt: skip
        assert one_document(cli(*arguments, "--json").out), arguments
    jsonschema.Draft202012Validator.check_schema(json.loads(cli("schema").out))


def test_exit_code_says_who_must_act() -> None:
    """2 where a person must change something first, 1 where rows are owed or the next run helps."""
    wrong = (DeclarationError(["x"]), CredentialError("x"), PlanNotApproved("x"))
    owed = (PlanBlocked("s", "p", ("x",)), Busy("x"), StateError("x"), LawBroken("x"),
            DeliveryError("x", code="endpoint_error"))  # fmt: skip
    assert {exit_code_of(error) for error in wrong} == {2}
    assert {exit_code_of(error) for error in owed} == {1}


def test_version_and_no_arguments(cli: Cli) -> None:
    """`--version` prints it; no command prints the help and was used wrongly."""
    assert "segment-assets, version" in cli("--version").out
    bare = cli()
    assert bare.code == 2
    assert "Commands:" in bare.err
