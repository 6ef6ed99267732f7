"""Files that others hold, leases, and a disk that is full."""

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from segment_assets.errors import Busy, ModelError, StateError
from segment_assets_tests.shop_of_one import Receiver, Shop

_HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); input()"
_LEASE = """
import sys
from pathlib import Path
from segment_assets.warehouse.duckdb import DuckDBWarehouse
with DuckDBWarehouse("shop", Path(sys.argv[1])).state("prod", "people").lease("a long run"):
    print("held", flush=True)
    input()
"""
#: Plans, delivers, and says what was raised, with files held to so many bytes.
_FULL = """
import resource, signal, sys
from pathlib import Path
from segment_assets.errors import StateError
from segment_assets_tests import shop_of_one
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder, url, part, limit = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
shop = shop_of_one.Shop.__new__(shop_of_one.Shop)
shop.__dict__.update(shop_of_one.revive(folder / "shop.duckdb"))
connection = shop_of_one.Connection("key", "us", url, None)
if part == "deliver":
    shop.plan()
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
try:
    if part == "plan":
        shop.plan()
    else:
        shop_of_one.deliver_plan(shop.spec, shop.warehouse, connection)
except StateError as error:
    print("StateError", error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print("planned", shop.plan().counts["planned"])
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    with Receiver() as running:
        yield running


@contextmanager
def _process(script: str, path: Path) -> Iterator[int]:
    """Run a child that holds something until the block ends; yield its pid."""
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        yield child.pid
    finally:
        child.communicate("\n")


@pytest.fixture(autouse=True)
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENT_ASSETS_LOCK_SECONDS", "0.2")


def test_a_model_file_held_by_another_process_is_named_with_its_pid(tmp_path: Path) -> None:
    """A notebook that forgot to close: say who, how long it was waited, and that all is well."""
    shop = Shop(tmp_path, (1, "a", "x"))
    with _process(_HOLD, shop.path) as pid, pytest.raises(Busy) as caught:
        shop.plan()

    assert f"{shop.path} is open for writing in process {pid}, and stayed so for 0.2 s" in str(
        caught.value
    )
    assert shop.plan().counts["planned"] == 1


def test_a_plan_is_delivered_while_dbt_holds_the_model_file(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Everything after the plan comes from the state file."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.plan()
    with _process(_HOLD, shop.path):
        assert shop.deliver(receiver).finished


def test_a_state_file_held_by_another_process_keeps_the_plan(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Somebody looks into the ledger: nothing is posted that couldn't be recorded."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.plan()
    with _process(_HOLD, shop.state.path) as pid, pytest.raises(Busy, match=f"process {pid}"):
        shop.deliver(receiver)

    assert receiver.posted() == []
    assert shop.deliver(receiver).finished


def test_waiting_ends_when_the_other_process_lets_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock is waited for, not failed on."""
    shop = Shop(tmp_path, (1, "a", "x"))
    monkeypatch.setenv("SEGMENT_ASSETS_LOCK_SECONDS", "30")
    script = _HOLD.replace("input()", "import time; time.sleep(0.3)")
    with _process(script, shop.path):
        assert shop.plan().counts["planned"] == 1


def test_a_model_file_that_this_process_writes_is_another_error(tmp_path: Path) -> None:
    """Waiting wouldn't help: the connection to close is one's own."""
    shop = Shop(tmp_path, (1, "a", "x"))
    with duckdb.connect(str(shop.path)), pytest.raises(ModelError, match="this very process"):
        shop.plan()

    assert shop.plan().counts["planned"] == 1


def test_one_plan_or_delivery_at_a_time(tmp_path: Path, receiver: Receiver) -> None:
    """A second run names the first one, and can start as soon as that has ended."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.plan()
    with _process(_LEASE, shop.path) as pid:
        for part in (shop.plan, lambda: shop.deliver(receiver)):
            with pytest.raises(Busy, match=rf"prod/people .* a long run \(process {pid} on "):
                part()

    assert shop.deliver(receiver).finished


def test_a_lease_is_held_between_threads_too(tmp_path: Path) -> None:
    """Two runs in one process, as Dagster's, exclude each other."""
    shop = Shop(tmp_path, (1, "a", "x"))
    with shop.state.lease("the first"), pytest.raises(Busy, match="the first"):
        shop.plan()


@pytest.mark.parametrize("limit", [0, 100_000, 700_000])
def test_a_full_disk_while_planning(tmp_path: Path, receiver: Receiver, limit: int) -> None:
    """The sentence says what to free; nothing is half done; the same process goes on after it."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.sql("INSERT INTO people SELECT i, repeat('x', 300) || i, 'z' FROM range(2, 5000) AS t(i)")
    said = _run_full(shop, receiver, "plan", limit)

    assert said[0].startswith("StateError")
    assert "File too large" in said[0] or "disk" in said[0]
    assert said[-1] == "planned 4999"


def test_a_full_disk_while_delivering_posts_nothing_unrecorded(
    tmp_path: Path, receiver: Receiver
) -> None:
    """No mark, no post; the plan is kept, and the next run sends it."""
    shop = Shop(tmp_path, (1, "a", "x"))
    said = _run_full(shop, receiver, "deliver", 0)

    assert said[0].startswith("StateError")
    assert receiver.posted() == []
    assert said[-1] == "planned 1"
    assert shop.deliver(receiver).finished


def _run_full(shop: Shop, receiver: Receiver, part: str, limit: int) -> list[str]:
    result = subprocess.run(
        [sys.executable, "-c", _FULL, str(shop.path.parent), receiver.url, part, str(limit)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    return result.stdout.splitlines()


@pytest.mark.parametrize("name", ["shop.duckdb", "state"])
def test_a_file_that_is_no_database(tmp_path: Path, name: str) -> None:
    """A broken model file is the user's to mend, a broken state file the operator's."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.plan()
    path, kind = (shop.state.path, StateError) if name == "state" else (shop.path, ModelError)
    path.write_bytes(b"no database" * 1_000)

    with pytest.raises(kind, match="can't be opened"):
        shop.plan()


def test_a_state_folder_that_can_t_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEGMENT_ASSETS_HOME below a file: the path and the reason are in the sentence."""
    shop = Shop(tmp_path, (1, "a", "x"))
    monkeypatch.setenv("SEGMENT_ASSETS_HOME", str(shop.path / "home"))

    with pytest.raises(StateError, match="can't be made"):
        shop.plan()


def test_the_state_is_beside_the_model_wherever_the_run_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    """A run from another folder finds the same ledger, or it would send everything again."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.sync(receiver)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)

    assert shop.plan().counts["unchanged"] == 1
    assert list(elsewhere.iterdir()) == []


def test_a_state_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """An older package doesn't guess what a newer one wrote."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.plan()
    with shop.state.session() as session:
        session.execute("UPDATE meta SET value = '99' WHERE name = 'version'")

    with pytest.raises(StateError, match="is of version 99"):
        shop.plan()
