"""Properties that hold for any mapping and any trigger, also for nonsense."""

import copy
import json
import random
import string
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from segment_assets.errors import MappingError
from segment_assets.handoff import MISSING, Fault
from segment_assets.mapping import DictRows, Envelope, Mapping, Trigger, from_user_form

PATHS = ("$.a", "a.b", "$.l[0].s", "l.1", "$.t.x", "$.z.x", "$.no", "$.", "['a b']", "$.l.length")
TEXTS = ("", "x", "{{a}}", "Hi {{ l[0].s }}{{{t}}}", "$.a", "é{{no}}", "{{", "a.b")
NAMES = (
    "@path", "@template", "@literal", "@if", "@case", "@replace", "@arrayPath", "@flatten", "@json",
    "@merge", "@transform", "@excludeWhenNull", "@column", "@liquid", "@nope",
)  # fmt: skip

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("absxlt"), inner, max_size=3)
    ),
    max_leaves=6,
)
rows_of_values = st.lists(
    st.dictionaries(st.sampled_from(["a", "l", "t", "z", "a b"]), values), min_size=1, max_size=4
)


class Nonsense:
    """Makes mappings, most of them valid, out of a seeded generator."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)  # noqa: S311 - test data

    def node(self, depth: int) -> Any:
        """Make a value: a directive, a container or a scalar."""
        choose = self.pick.choice
        if depth <= 0:
            return choose([None, True, 0, 1.5, choose(TEXTS), {"@path": choose(PATHS)}])
        roll = self.pick.randrange(12)
        if roll == 0:
            return [self.node(depth - 1) for _ in range(self.pick.randrange(3))]
        if roll == 1:
            return {f"k{number}": self.node(depth - 1) for number in range(self.pick.randrange(3))}
        name = choose(NAMES)
        return {name: self.argument(name, depth - 1)}

    def argument(self, name: str, depth: int) -> Any:
        """Make what a directive takes, and sometimes what it doesn't."""
        choose, node = self.pick.choice, self.node
        if self.pick.random() < 0.03:
            return node(depth)
        inner: Callable[[], Any] = lambda: {"@path": choose(PATHS)} if depth < 1 else node(depth)  # noqa: E731 - short
        made: dict[str, Callable[[], Any]] = {
            "@path": lambda: choose(PATHS),
            "@template": lambda: choose(TEXTS),
            "@column": lambda: "a.b",
            "@liquid": lambda: choose(["{{ a }}", "{{ l | size }}", "{% if t %}x{% endif %}"]),
            "@if": lambda: {choose(["exists", "blank"]): inner(), "then": inner(), "else": inner()},
            "@case": lambda: {"operator": choose(["lower", "upper"]), "value": inner()},
            "@replace": lambda: {
                "pattern": choose(["a", ".", "É"]),
                "value": inner(),
                "ignorecase": choose([True, False]),
                "replacement": choose(["", "$&", "-"]),
            },
            "@arrayPath": lambda: [choose(PATHS), node(depth)],
            "@flatten": lambda: {"value": inner(), "separator": choose([".", "_"])},
            "@json": lambda: {"mode": choose(["encode", "decode"]), "value": inner()},
            "@merge": lambda: {
                "direction": choose(["left", "right"]),
                "objects": [{"a": node(depth)}, {"@path": choose(PATHS)}],
            },
            "@transform": lambda: {"apply": {"a": node(depth)}, "mapping": {"@path": "$.a"}},
        }
        return made.get(name, inner)()


def parsed(seed: int) -> Mapping | None:
    """Parse a made-up mapping; None where it is refused."""
    nonsense = Nonsense(seed)
    try:
        return Mapping.parse({"x": nonsense.node(3), "y": {"z": nonsense.node(2)}})
    except MappingError:
        return None


def one_by_one(mapping: Mapping, row: dict[str, Any]) -> Any:
    """Map a row alone; the problems where it fails."""
    try:
        return mapping.evaluate(row)
    except MappingError as error:
        return list(error.problems)


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**6), rows=rows_of_values)
def test_a_batch_gives_what_its_rows_give_alone(seed: int, rows: list[dict[str, Any]]) -> None:
    """Rows of a batch don't meet: each has the result, or the failure, that it has alone."""
    mapping = parsed(seed)
    if mapping is None:
        return
    before = copy.deepcopy(rows)

    columns = mapping.evaluate_rows(DictRows(rows))

    for place, row in enumerate(rows):
        found = {name: column[place] for name, column in columns.items()}
        problems = [(f"/{n}", v.message) for n, v in found.items() if isinstance(v, Fault)]
        result = {name: value for name, value in found.items() if value is not MISSING}
        assert one_by_one(mapping, row) == (problems or result)
    assert rows == before


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6), rows=rows_of_values)
def test_mapping_is_pure(seed: int, rows: list[dict[str, Any]]) -> None:
    """The same rows give the same fields again, from a mapping that is parsed anew too."""
    first, second = parsed(seed), parsed(seed)
    if first is None or second is None:
        return

    made = first.evaluate_rows(DictRows(rows))

    assert made == first.evaluate_rows(DictRows(rows)) == second.evaluate_rows(DictRows(rows))


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6), rows=rows_of_values)
def test_columns_read_are_all_that_matters(seed: int, rows: list[dict[str, Any]]) -> None:
    """Changing a column that a mapping doesn't read changes nothing that it makes."""
    mapping = parsed(seed)
    read = mapping.columns_read() if mapping else None
    if mapping is None or read is None:
        return
    count = len(rows)
    names = ("a", "l", "t", "z", "a b", "a.b")
    columns = {name: [row.get(name) for row in rows] for name in names}
    changed = {name: values if name in read else ["changed"] * count
               for name, values in columns.items()}  # fmt: skip
    ids = [str(number) for number in range(count)]

    made = [
        mapping.evaluate_rows(Envelope(held, "track", ["added"] * count, ids, ids))
        for held in (columns, changed)
    ]

    assert made[0] == made[1]


def test_two_thousand_random_mappings_are_parsed_or_refused() -> None:
    """Whatever is written, parsing ends in a mapping or in a `MappingError`, and rows are safe."""
    row = {"a": {"b": "É"}, "l": [{"s": 1}, None], "t": "", "z": 0, "a b": [True]}
    frozen = json.dumps(row)
    accepted = 0
    for seed in range(2000):
        mapping = parsed(seed)
        if mapping is not None:
            accepted += 1
            one_by_one(mapping, row)
            mapping.field_sources()
        written = {"f": Nonsense(seed).node(3)}
        fields, _ = from_user_form(written)
        assert fields.keys() == written.keys()

    assert accepted > 500
    assert json.dumps(row) == frozen


def random_trigger(pick: random.Random) -> str:
    """Make a trigger out of pieces of the language and of noise."""
    pieces = [
        "type", "event", "properties.a", "a.b", r"a\ b", "=", "!=", "<", ">=", "in", "and", "or",
        "not", "!", "(", ")", "[", "]", ",", '"x"', "'y*'", "5", "-1.5", "true", "null",
        "contains(", "match(", "length(", "typeof(", "nope(", " ", "\\", "'", "$", "&&",
    ]  # fmt: skip
    if pick.random() < 0.3:
        return "".join(pick.choice(string.printable) for _ in range(pick.randrange(40)))
    if pick.random() < 0.02:
        return "(" * pick.randrange(10_100)
    return pick.choice(["", " "]).join(pick.choice(pieces) for _ in range(pick.randrange(15)))


def test_five_thousand_random_triggers_are_parsed_or_refused() -> None:
    """Whatever is written, a trigger is parsed or refused with a column, and then just answers."""
    pick = random.Random(7)  # noqa: S311 - test data
    event = {"type": "track", "a": {"b": [1, "x"]}, "properties": {"a": "xy"}}
    accepted, refused = 0, []
    for _ in range(5000):
        try:
            trigger = Trigger.parse(random_trigger(pick))
        except MappingError as error:
            refused.append(str(error))
        else:
            accepted += 1
            assert trigger.matches(event) in (True, False)

    assert accepted > 20
    assert all("(column " in sentence for sentence in refused)
