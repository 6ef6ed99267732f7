"""Test Mapping: real rows, the exact calls, and no connection of any kind."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segment_assets.codes import CODES
from segment_assets.emulator import Emulator
from segment_assets_tests.cli.people import (
    KEY_VARIABLE,
    WRITE_KEY,
    environment,
    execute,
    one_document,
)

Cli = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("defs")

# Python tells an audit hook about everything that goes to the network. The second command sends,
# which shows that the hook would have seen it.
_WATCHED = """
import sys
seen = []
events = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"}
sys.addaudithook(lambda event, facts: seen.append(event) if event in events else None)
from segment_assets.cli import run
tested = run(["test-mapping", "people_identify", "--limit", "3"])
while_testing = list(seen)
sent = run(["sync", "people_identify"])
print("WATCHED", tested, while_testing, sent, "socket.connect" in seen)
"""


def test_it_opens_no_connection(defs: Path, emulator: Emulator, tmp_path: Path) -> None:
    """Testing a mapping connects to nothing, where a sync under the same watch does."""
    env = {KEY_VARIABLE: WRITE_KEY, "SEGMENT_ASSETS_DEFS": str(defs)}
    child = subprocess.run(
        [sys.executable, "-c", _WATCHED], env=environment(env), cwd=tmp_path, text=True,
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip

    assert child.stdout.splitlines()[-1] == "WATCHED 1 [] 0 True"
    assert "Nothing was sent." in child.stdout
    assert emulator.store.counts()["accepted"] == 2


def test_it_shows_the_call_and_stores_nothing(cli: Cli, defs: Path) -> None:
    """A good row is shown as its call, needs no key, and leaves no state behind."""
    answer = cli("test-mapping", "people_identify", "--row", "p1", "--json")
    [result] = one_document(answer.out)

    assert answer.code == 0
    assert result["record_id"] == "p1"
    assert result["call"]["type"] == "identify"
    assert result["call"]["userId"] == "p1"
    assert result["call"]["traits"] == {"email": "ada@example.com", "plan": "pro"}
    assert not (defs / "club" / ".segment_assets").exists()


def test_it_tells_why_a_row_is_rejected(cli: Cli) -> None:
    """A bad row is told with code and sentence, and the exit code is 1."""
    answer = cli("test-mapping", "people_identify", "--row", "null")
    [result] = one_document(cli("test-mapping", "people_identify", "--row", "null", "--json").out)

    assert answer.code == 1
    assert "placeholder_id: user_id is 'null'" in answer.out
    assert CODES["placeholder_id"].remedy in " ".join(answer.out.split())
    assert result["rejected"][0]["code"] == "placeholder_id"


def test_it_tells_a_key_that_no_row_has(cli: Cli) -> None:
    """A row that isn't there is no success."""
    answer = cli("test-mapping", "people_identify", "--row", "p9")

    assert answer.code == 1
    assert "no row with the primary key p9" in answer.out


def test_it_shows_what_the_trigger_leaves_out(cli: Cli, defs: Path) -> None:
    """A row that the trigger doesn't select is told as such, which is well."""
    path = defs / "production" / "defs.yaml"
    text = path.read_text()
    trigger = '      action: identify\n      trigger: properties.plan = "pro"'
    path.write_text(text.replace("      action: identify", trigger))
    answer = cli("test-mapping", "people_identify", "--row", "p2")

    assert answer.code == 0
    assert "not selected by the trigger" in answer.out


_SHOWN = """\
record p1
  next plan: added
    the ledger doesn't know this record
  sees
    type                  "identify"
    event                 "new"
    __segment_id          "p1"
    messageId             "test-mapping"
    properties.person_id  "p1"
    properties.email      "ada@example.com"
    properties.plan       "pro"
  fields
    message_id    "test-mapping"
    user_id       "p1"
    traits.email  "ada@example.com"
    traits.plan   "pro"
  call
{
"""


def test_it_shows_what_the_mapping_sees_and_makes(cli: Cli) -> None:
    """For people: next plan, event, fields and call, in this order."""
    answer = cli("test-mapping", "people_identify", "--row", "p1")

    assert answer.out.startswith(_SHOWN)
    assert answer.out.endswith("}\nNothing was sent.\n")


def test_long_values_are_cut_at_80_columns(cli: Cli, defs: Path) -> None:
    """A long value is cut for people and whole for machines."""
    execute(defs, f"update people set plan = '{'long ' * 40}' where person_id = 'p1'")
    answer = cli("test-mapping", "people_identify", "--row", "p1")
    [result] = one_document(cli("test-mapping", "people_identify", "--row", "p1", "--json").out)
    before_the_call = answer.out.partition("  call\n")[0].splitlines()

    assert max(map(len, before_the_call)) == 80
    assert result["fields"]["traits"]["plan"] == "long " * 40


def test_personal_values_can_be_hidden(cli: Cli) -> None:
    """With --mask nothing personal is on the screen, neither in the event nor in the call."""
    answer = cli("test-mapping", "people_identify", "--row", "p1", "--mask")

    assert "ada@example.com" not in answer.out
    assert answer.out.count("•••") == 3


def test_it_says_what_a_change_means(cli: Cli, defs: Path) -> None:
    """After a sync, a row that changed since would be updated, and another is unchanged."""
    assert cli("sync", "people_identify").code == 0
    execute(defs, "update people set plan = 'pro' where person_id = 'p2'")
    ops = {
        result["record_id"]: result["next_plan"]["op"]
        for result in one_document(cli("test-mapping", "people_identify", "--json").out)
    }

    assert ops == {"p1": "unchanged", "p2": "updated", "null": "waiting"}
