"""kill -9 anywhere, and the same command at once: nothing is lost, nothing gets a second id."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from segment_assets.emulator.faults import Fault
from segment_assets_tests.dying_warehouse import DyingWarehouse, Fuse, Killed
from segment_assets_tests.shop_of_one import Receiver, Shop

_RUN = """
import sys
from pathlib import Path
from segment_assets_tests import shop_of_one
shop = shop_of_one.Shop.__new__(shop_of_one.Shop)
shop.__dict__.update(shop_of_one.revive(Path(sys.argv[1])))
connection = shop_of_one.Connection("key", "us", sys.argv[2], None)
plan = shop.plan()
report = shop_of_one.deliver_plan(shop.spec, shop.warehouse, connection)
import json
print(json.dumps([plan.resumed, report.counts["accepted"], report.finished]))
"""


def _start(shop: Shop, receiver: Receiver) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _RUN, str(shop.path), receiver.url],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )


def test_a_sender_killed_while_it_posts_is_followed_at_once(tmp_path: Path) -> None:
    """The lease dies with its holder; the plan goes on; calls that were taken keep their ids."""
    with Receiver() as receiver:
        shop = Shop(tmp_path, *((number, "a", "x") for number in range(40)))
        receiver.faults.add(Fault(latency_seconds=5.0, store="all", times=4))
        child = _start(shop, receiver)
        deadline = time.monotonic() + 20
        while not _has_intents(shop) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
        receiver.faults.clear()

        said, _ = _start(shop, receiver).communicate()

        resumed, accepted, finished = json.loads(said)
        assert (resumed, accepted, finished) == (True, 40, True)
        assert {call["userId"] for call in receiver.accepted()} == {str(n) for n in range(40)}
        assert all(len(bodies) == 1 for bodies in receiver.bodies_by_id().values())
        assert len(receiver.bodies_by_id()) == 40


def _has_intents(shop: Shop) -> bool:
    if not shop.state.path.is_file():
        return False
    tables = shop.ask("SELECT count(*) FROM information_schema.tables WHERE table_name = 'plans'")
    if not tables[0][0]:
        return False
    ids = shop.ask("SELECT DISTINCT plan_id FROM plans")
    return any(shop.state.marks().of_plan(plan_id).num_rows for (plan_id,) in ids)


@pytest.mark.parametrize("part", ["plan", "deliver"])
def test_a_run_that_dies_at_any_touch_of_the_state(tmp_path: Path, part: str) -> None:
    """Each death is followed by a sync that ends with the receiver equal to the table."""
    with Receiver() as receiver:
        shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
        immortal, mortal = shop.warehouse, DyingWarehouse("shop", shop.path)
        died = 0
        for touches in range(1, 60, 9):
            shop.sql(f"UPDATE people SET email = 'v{touches % 3}' WHERE id = 1")
            if part == "deliver":
                shop.plan()
            shop.warehouse, mortal.fuse = mortal, Fuse(touches)
            try:
                _ = shop.plan() if part == "plan" else shop.deliver(receiver)
            except Killed:
                died += 1
            shop.warehouse = immortal
            shop.sync(receiver)

            assert receiver.emails(1)[-1] == f"v{touches % 3}", touches
            assert all(len(bodies) == 1 for bodies in receiver.bodies_by_id().values())
        assert died >= 4
