"""The write key is in nothing that people or machines can read."""

import io
import logging
import pickle
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import dagster as dg
import duckdb
import pytest
from dagster import serialize_value
from dagster._core.remote_representation.external_data import RepositorySnap
from pydantic import ValidationError
from sample_shop import WRITE_KEY

from segment_assets import SegmentResource
from segment_assets.declare.build import load_project
from segment_assets.emulator.faults import Fault
from segment_assets.emulator.server import Emulator
from segment_assets.orchestration.factory import build_definitions
from segment_assets.orchestration.runs import run_job

_JOB = "production__customers_identify"
_FORMS = (WRITE_KEY, quote(WRITE_KEY, safe=""), b64encode(f"{WRITE_KEY}:".encode()).decode())


@pytest.fixture
def dagster_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, emulator: Emulator) -> Path:
    """Return a DAGSTER_HOME on disk, beside the state of the sample shop."""
    assert emulator.url
    home = tmp_path / "dagster_home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    return home


def test_key_is_in_no_log_event_or_file(
    shop_defs: Path,
    dagster_home: Path,
    emulator: Emulator,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """With every logger at DEBUG, a run that sends and one that is refused show no key."""
    definitions = build_definitions(load_project(shop_defs))
    with _all_logs() as logs:
        sent = run_job(definitions, _JOB, log_level="DEBUG")
        emulator.faults.add(Fault(on="settings", status=404, times=None))
        with duckdb.connect(str(shop_defs / "shop" / "shop.duckdb")) as connection:
            connection.execute("update customers set plan = 'team'")
        refused = run_job(definitions, _JOB, log_level="DEBUG")

    assert sent.is_success
    assert not refused.is_success
    said = "".join([*capfd.readouterr(), logs.getvalue(), repr(refused)])
    files = [path for path in dagster_home.parent.rglob("*") if path.is_file()]
    stored = b"".join([*(path.read_bytes() for path in files), pickle.dumps(refused.errors)])
    assert "Started execution of run" in said
    assert [form for form in _FORMS if form in said or form.encode() in stored] == []


# Dagster reads a property of its own that it calls deprecated.
@pytest.mark.filterwarnings("ignore:Property `ScheduleDefinition.environment_vars`")
def test_snapshot_holds_the_name_of_the_variable_only(
    definitions: dg.Definitions, emulator: Emulator
) -> None:
    """What Dagster stores of the definitions names the variable and has no key."""
    assert emulator.url
    snapshot = serialize_value(RepositorySnap.from_def(definitions.get_repository_def()))

    assert "ORCHESTRATION_WRITE_KEY" in snapshot
    assert [form for form in _FORMS if form in snapshot] == []


def test_resource_has_no_repr_of_its_key() -> None:
    """A resource, its connection and a refused value of it print no key."""
    resource = SegmentResource(write_key=WRITE_KEY)
    with pytest.raises(ValidationError) as refused:
        SegmentResource(write_key=[WRITE_KEY], region="apac")  # type: ignore[arg-type] # the point

    shown = f"{resource} {resource!r} {resource.connection()!r} {refused.value}"
    assert WRITE_KEY not in shown
    assert resource.connection().write_key == WRITE_KEY


@pytest.mark.parametrize(
    ("declared", "endpoint", "expected"),
    [
        pytest.param(None, None, 1000.0, id="default"),
        pytest.param(None, "http://127.0.0.1:8090", None, id="loopback"),
        pytest.param(50.0, "http://127.0.0.1:8090", 50.0, id="declared"),
        pytest.param(None, "https://proxy.example.com", 1000.0, id="proxy"),
    ],
)
def test_rate_is_unlimited_on_a_loopback_endpoint_only(
    declared: float | None, endpoint: str | None, expected: float | None
) -> None:
    """The default rate is Segment's; an emulator on this machine has none."""
    resource = SegmentResource(write_key=WRITE_KEY, endpoint=endpoint, events_per_second=declared)

    assert resource.connection().events_per_second == expected


@contextmanager
def _all_logs() -> Iterator[io.StringIO]:
    # Not caplog: it also attaches itself to loggers that were silenced on purpose.
    root, text = logging.getLogger(), io.StringIO()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
