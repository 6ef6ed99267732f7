"""The write key is in no log, file, repr, message or snapshot, in any of its forms."""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from segment_assets.emulator import Emulator, Fault
from segment_assets.handoff import Connection
from segment_assets.orchestration.resource import SegmentResource
from segment_assets_tests.cli.people import environment, write_people

KEY = "wk+Secret=OfThe&Tests~2026"
OTHER_KEY = "wk+Other=OfAnother&Source~2026"

# The real command with every logger at DEBUG: what a worried operator switches on.
_LOUD = """
import json, logging, os, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, force=True)
from segment_assets.cli import run
codes = []
for key, *arguments in json.loads(sys.argv[1]):
    os.environ["PEOPLE_WRITE_KEY"] = os.environ[key]
    codes.append(run(arguments))
    logging.getLogger().setLevel(logging.DEBUG)
print("CODES", codes)
"""


def _forms(key: str) -> list[str]:
    """Return the key as text, as Basic auth (with its colon and without), and in a URL."""
    return [
        key,
        b64encode(f"{key}:".encode()).decode(),
        b64encode(key.encode()).decode().rstrip("="),
        quote(key, safe=""),
        quote(key),
    ]


def _run_loudly(defs: Path, home: Path, *commands: str) -> "subprocess.CompletedProcess[bytes]":
    """Run commands, each with the name of its key's variable before it, in one process."""
    env = {"SEGMENT_ASSETS_DEFS": str(defs), "DAGSTER_HOME": str(home), "RIGHT": KEY,
           "WRONG": OTHER_KEY}  # fmt: skip
    given = json.dumps([command.split() for command in commands])
    return subprocess.run(
        [sys.executable, "-c", _LOUD, given], env=environment(env), cwd=home.parent,
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip


def _find(forms: list[str], texts: dict[str, bytes]) -> list[tuple[str, str]]:
    """Return (where, form) of each form of a key that is in one of the texts."""
    return [
        (where, form) for where, text in texts.items() for form in forms if form.encode() in text
    ]


def test_no_output_log_or_file_of_a_run_holds_the_key(tmp_path: Path) -> None:
    """A plan, a wrong key, a sync that meets 500 and 401, one that is well: the key is nowhere."""
    home = tmp_path / "dagster_home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with Emulator(write_keys={KEY}) as emulator:
        defs = write_people(tmp_path, emulator.url)
        emulator.faults.add(Fault(status=500), Fault(status=401))
        child = _run_loudly(
            defs, home,
            "WRONG sync people_identify", "WRONG deliver people_identify --json",
            "RIGHT sync people_identify", "RIGHT sync people_identify --json", "RIGHT status",
            "RIGHT test-mapping people_identify",
        )  # fmt: skip
        accepted = emulator.store.counts()["accepted"]

    texts = {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert b"CODES [2, 2, 1, 0, 0, 1]" in child.stdout
    assert accepted == 2
    assert b"DEBUG" in child.stderr  # the loggers were indeed loud
    assert any(path.endswith(".db") for path in texts)
    assert any(path.endswith("people_identify.duckdb") for path in texts)
    texts |= {"stdout": child.stdout, "stderr": child.stderr}
    assert _find(_forms(KEY) + _forms(OTHER_KEY), texts) == []


def test_forms_are_found_where_they_are() -> None:
    """The search itself works: each form is found in a text that holds it."""
    for form in _forms(KEY):
        assert (f"in {form}", form) in _find(_forms(KEY), {f"in {form}": f"x{form}y".encode()})


@pytest.mark.parametrize("show", [repr, str, "{}".format], ids=["repr", "str", "format"])
def test_no_repr_holds_the_key(show: Callable[[object], str]) -> None:
    """The resource and the connection show region and endpoint, never the key."""
    resource = SegmentResource(write_key=KEY, region="eu", endpoint="http://127.0.0.1:1")
    for thing in (resource, resource.connection(), Connection(write_key=KEY)):
        assert _find(_forms(KEY), {"repr": show(thing).encode()}) == []
    assert "eu" in show(resource)


def test_wrong_settings_do_not_quote_the_key() -> None:
    """A resource that can't be made says which field is wrong, and not what the key was."""
    with pytest.raises(Exception, match="region") as caught:
        SegmentResource(write_key=KEY, region="moon")

    assert _find(_forms(KEY), {"error": f"{caught.value} {caught.value!r}".encode()}) == []
