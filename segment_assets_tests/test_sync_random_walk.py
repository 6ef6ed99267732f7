"""Random walks: rows come, change, go and return while the API and the process fail at random."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from segment_assets.emulator.faults import Fault
from segment_assets.errors import PlanNotApproved
from segment_assets_tests.dying_warehouse import DyingWarehouse, Fuse, Killed
from segment_assets_tests.shop_of_one import NO_GATES, Receiver, Shop

_FIELDS = {
    "user_id": {"@path": "$.__segment_id"},
    "timestamp": {"@path": "$.plan"},
    "message_id": {"@path": "$.messageId"},
}
_TRAITS = {"event": {"@path": "$.event"}, "email": {"@path": "$.email"}}
_MAPPINGS: tuple[dict[str, Any], ...] = (
    {**_FIELDS, "traits": _TRAITS},
    {**_FIELDS, "traits": {**_TRAITS, "key": {"@path": "$.id"}}},
    {**_FIELDS, "traits": {**_TRAITS, "same": "literal"}},
    {**_FIELDS, "traits": {**_TRAITS, "more": {"@path": "$.more"}, "key": {"@path": "$.id"}}},
)
_FAULTS = (
    Fault(status=500, store="all"),
    Fault(status=500, store="half", times=2),
    Fault(status=503, times=3),
    Fault(reset=True, store="all", times=2),
    Fault(reset=True, times=3),
    Fault(status=429, times=1),
    Fault(status=401, times=1),
    Fault(status=413, times=2),
    Fault(status=400, times=1),
    Fault(status=200, headers={"content-type": "text/html"}, body="<html>", store="all"),
)
_GOOD, _BAD = "2026-01-01T00:00:00Z", "yesterday"


@dataclass
class Walk:
    """One walk. `rows` is what the table holds: id -> (email, timestamp)."""

    shop: Shop
    receiver: Receiver
    dice: random.Random
    warehouse: DyingWarehouse
    rows: dict[int, tuple[str, str]] = field(default_factory=dict)
    doubled: set[int] = field(default_factory=set)
    log: list[str] = field(default_factory=list)

    def change_rows(self) -> None:
        """Insert, edit, revert, delete, re-add, spoil, mend or double some rows."""
        for _ in range(self.dice.randint(0, 6)):
            key = self.dice.randint(1, 6)
            if key in self.rows and self.dice.random() < 0.3:
                del self.rows[key]
            else:
                stamp = _BAD if self.dice.random() < 0.15 else _GOOD
                self.rows[key] = (self.dice.choice("ab"), stamp)
        self.doubled = {key for key in self.rows if self.dice.random() < 0.08}
        self.write()

    def write(self) -> None:
        """Make the table hold `rows`, and a row of other content beside each doubled one."""
        self.shop.sql("DELETE FROM people")
        self.shop.insert(
            *((key, email, stamp) for key, (email, stamp) in self.rows.items()),
            *((key, "other", _GOOD) for key in self.doubled),
        )
        self.log.append(f"rows {self.rows} doubled {self.doubled}")

    def edit_mapping(self) -> None:
        """Take another mapping."""
        self.shop.change(fields=self.dice.choice(_MAPPINGS))
        self.log.append(f"mapping {self.shop.spec.fields['traits']}")

    def refuse_one(self) -> None:
        """Let the API refuse one planned call for as long as this delivery lasts."""
        planned = self.shop.ask(
            "SELECT table_name FROM information_schema.tables WHERE table_name = 'plan'"
        ) and self.shop.ask("SELECT message_id FROM plan WHERE seq IS NOT NULL")
        if planned:
            chosen = self.dice.choice(planned)[0]
            self.receiver.faults.add(Fault(status=400, times=None, message_id=chosen))
            self.log.append(f"refuses {chosen}")

    def break_something(self) -> None:
        """Script faults of the API, of the network, or the end of this process."""
        for fault in self.dice.sample(_FAULTS, self.dice.choice((0, 0, 1, 2))):
            self.receiver.faults.add(fault)
            self.log.append(str(fault))
        if self.dice.random() < 0.3:
            self.refuse_one()
        self.receiver.go_down(is_down=self.dice.random() < 0.1)
        fuse = self.dice.randint(0, 60) if self.dice.random() < 0.4 else None
        self.warehouse.fuse = Fuse(fuse)
        self.log.append(f"down {self.receiver._down} fuse {fuse}")

    def mend(self) -> None:
        """Take every fault back."""
        self.receiver.faults.clear()
        self.receiver.go_down(is_down=False)
        self.warehouse.fuse = Fuse()

    def attempt(self, part: Callable[[], object]) -> None:
        """Plan or deliver; being killed and having nothing to deliver are fine."""
        try:
            result = part()
        except (Killed, PlanNotApproved) as end:
            self.log.append(f"{type(end).__name__} {end}")
        else:
            self.log.append(str(getattr(result, "counts", "")))

    def step(self) -> None:
        """Take one step."""
        self.change_rows()
        if self.dice.random() < 0.2:
            self.edit_mapping()
        self.break_something()
        self.attempt(self.shop.plan)
        if self.dice.random() < 0.3:  # rows go on changing between plan and delivery
            self.change_rows()
        if self.dice.random() < 0.8:
            if self.dice.random() < 0.3:
                self.warehouse.fuse, fuse = Fuse(), self.warehouse.fuse
                self.refuse_one()
                self.warehouse.fuse = fuse
            self.attempt(lambda: self.shop.deliver(self.receiver))
        self.mend()

    def come_to_rest(self) -> None:
        """Sync with nothing broken until a plan has nothing to send."""
        self.doubled = set()
        self.write()
        for _ in range(8):
            if not self.shop.plan().counts["planned"]:
                return
            self.shop.deliver(self.receiver)
        pytest.fail("the sync doesn't come to rest: " + "\n".join(self.log))


def _judge(walk: Walk) -> None:
    story = "\n".join(walk.log)
    last = {call["userId"]: call["traits"] for call in walk.receiver.accepted()}
    for key, (email, stamp) in walk.rows.items():
        if stamp == _BAD:
            continue
        traits = last.get(str(key))
        assert traits is not None, f"{key} was never accepted\n{story}"
        assert (traits.get("email"), traits["event"] != "deleted") == (email, True), (
            f"{key}: {traits}\n{story}"
        )
    for key, traits in last.items():
        if int(key) not in walk.rows:
            assert traits["event"] == "deleted", f"{key} is gone\n{story}"
    for message_id, bodies in walk.receiver.bodies_by_id().items():
        assert len(bodies) == 1, f"{message_id} had bodies {bodies}\n{story}"


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))]
)
def test_random_walk_ends_with_the_receiver_equal_to_the_table(tmp_path: Path, seed: int) -> None:
    """Whatever fails on the way, in the end the last call of each record tells its row."""
    walk_once(tmp_path, seed, steps=14)


def walk_once(folder: Path, seed: int, *, steps: int) -> None:
    """Take one walk and judge it. The law is asserted by every plan and delivery on the way."""
    with Receiver() as receiver:
        shop = Shop(folder)
        shop.sql("ALTER TABLE people ADD COLUMN more INTEGER")
        shop.sql("ALTER TABLE people ALTER more SET DEFAULT 1")
        shop.warehouse = warehouse = DyingWarehouse("shop", shop.path)
        when = frozenset({"added", "updated", "deleted"})
        shop.change(fields=_MAPPINGS[0], when=when, gates=NO_GATES)
        walk = Walk(shop, receiver, random.Random(seed), warehouse)  # noqa: S311 - seeds a test
        for _ in range(steps):
            walk.step()
        walk.come_to_rest()
        _judge(walk)
