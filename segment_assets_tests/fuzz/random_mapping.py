"""Mappings made at random for the columns of `odd_table`: most are valid, some are nonsense."""

import random
from collections.abc import Callable
from typing import Any, Final

from segment_assets.fields import ACTIONS, Field, fields_of
from segment_assets.handoff import Action

#: Paths to columns of every type, into them, past their ends, and to the envelope.
PATHS: Final = (
    "$.uid", "$.big", "$.amount", "$.score", "$.flag", "$.txt", "$.at", "$.day", "$.key_uuid",
    "$.doc", "$.doc.sku", "$.doc.tags[1]", "$.doc.deep.x.y.length", "$.items", "$.items[0].sku",
    "$.obj.b", "$.obj", "$.pairs", "$.bytes", "$.either", "$.properties.txt", "$.properties.doc",
    "$.event", "$.__segment_id", "$.messageId", "$.type", "$.['odd name']", "$.txt[0]", "$.nope",
    "$.properties", "$.",
)  # fmt: skip
TEMPLATES: Final = (
    "", "Hello {{txt}}", "{{{ big }}}/{{amount}}-{{ score }}", "{{items[0].sku}}{{nope}}",
    "{{properties.at}} {{flag}}", "{{doc}} {{items}}", "{{", "}} {{ }}", "é{{uid}}\U0001f600",
)  # fmt: skip
LIQUIDS: Final = (
    "{{ txt | upcase | truncate: 5 }}", "{% if flag %}yes{% else %}{{ big }}{% endif %}",
    "{{ amount | times: 2 | round: 1 }}", "{{ items | map: 'sku' | join: '/' }}",
    "{{ at | date: '%Y' }}", "{{ doc.tags | size }}{{ nope }}", "{{ score | plus: big }}",
    "{{ txt | split: ' ' | first }}", "{{ obj }}", "{{ bytes }}",
)  # fmt: skip
_IDS: Final = ("$.uid", "$.__segment_id", "$.key_uuid", "$.big", "$.properties.uid")
_FITTING: Final = {
    "id": _IDS,
    "text": ("$.txt", "$.day", "$.uid", "$.['odd name']", "$.doc.sku"),
    "timestamp": ("$.at", "$.day", "$.tz", "$.txt"),
    "number": ("$.amount", "$.score", "$.id", "$.flag"),
    "boolean": ("$.flag", "$.nope"),
}
#: The share of typed fields that get whatever is made.
_ANYTHING: Final = 0.07
_NONSENSE: Final[tuple[Any, ...]] = (
    None, -1, [], {}, "", "$.", {"@nope": 1}, {"@path": 5}, {"@path": "$.a", "@case": {}}, [[]],
    {"@if": {}}, {"@template": None}, float("inf"), {"a": {"@json": "x"}}, "x" * 1_001,
)  # fmt: skip


def join_columns(record: dict[str, Any]) -> str:
    """Join two columns: what `@python` calls in these tests. It fails where one is null."""
    joined: str = record["uid"] + "/" + record["day"]
    return joined


class RandomMapping:
    """An action and `fields` for it, the same for the same seed. `wildness`: share of nonsense."""

    def __init__(self, seed: int, wildness: float = 0.01) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - test data
        self._choose = self._dice.choice
        self._wildness = wildness
        self.action: Action = self._choose(ACTIONS)
        self.fields: dict[str, Any] = {}
        for key, field in fields_of(self.action).items():
            is_needed = key == "user_id" or self.action in field.required_by
            if is_needed or self._dice.random() < 0.2:
                self.fields[key] = self._field(field, is_needed=is_needed)

    def _field(self, field: Field, *, is_needed: bool) -> Any:
        """Make a value that mostly fits the field: one that never does rejects every row."""
        if field.sub_fields:
            some = self._dice.sample(field.sub_fields, k=self._dice.randint(1, 2))
            return {sub.key: self._fitting(sub.type) for sub in some}
        if field.key == "consent":
            return {"categoryPreferences": {"ads": self._fitting("boolean")}}
        if field.type == "object":
            return {f"k{number}": self._node(3) for number in range(self._dice.randint(0, 5))}
        return {"@path": self._choose(_IDS)} if is_needed else self._fitting(field.type)

    def _fitting(self, kind: str) -> Any:
        """Make a value of a type, or now and then any."""
        if self._dice.random() < _ANYTHING:
            return self._node(3)
        path = {"@path": self._choose(_FITTING[kind])}
        if kind not in {"id", "text"} or self._dice.random() < 0.5:
            return path
        name = self._choose(["@template", "@case", "@replace", "@if", "@liquid"])
        return {name: self._makers()[name](0)}

    def _node(self, depth: int) -> Any:
        """Make a scalar, a container or a directive."""
        if self._dice.random() < self._wildness:
            return self._choose(_NONSENSE)
        if depth <= 0:
            return self._choose([None, True, 0, 1.5, "text", *[{"@path": p} for p in PATHS[:9]]])
        roll = self._dice.random()
        if roll < 0.08:
            return [self._node(depth - 1) for _ in range(self._dice.randint(0, 3))]
        if roll < 0.2:
            return {f"k{number}": self._node(depth - 1) for number in range(3)}
        if roll < 0.5:
            return {"@path": self._choose(PATHS)}
        name = self._choose(list(self._makers()))
        return {name: self._makers()[name](depth - 1)}

    def _directive(self, depth: int) -> Any:
        """Make what must be a directive: mostly a path."""
        made = self._node(depth) if depth > 0 else None
        is_directive = isinstance(made, dict) and any(name.startswith("@") for name in made)
        return made if is_directive else {"@path": self._choose(PATHS)}

    def _makers(self) -> dict[str, Callable[[int], Any]]:
        """Return the directives, each with what makes its argument."""
        pick, node, directive = self._choose, self._node, self._directive
        return {
            "@template": lambda _: pick(TEMPLATES),
            "@literal": node,
            "@column": lambda _: pick(["odd name", "uid", "items", "nope"]),
            "@liquid": lambda _: pick(LIQUIDS),
            "@python": lambda _: f"{__name__}:join_columns",
            "@if": lambda depth: {
                pick(["exists", "blank"]): directive(depth),
                "then": node(depth),
                "else": node(depth),
            },
            "@case": lambda depth: {
                "operator": pick(["lower", "upper"]),
                "value": directive(depth),
            },
            "@replace": lambda depth: {
                "pattern": pick(["a", ".", "É", "-"]),
                "replacement": pick(["", "$&", "$$x"]),
                "pattern2": pick(["", "u"]),
                "ignorecase": pick([True, False]),
                "global": pick([True, False]),
                "value": directive(depth),
            },
            "@arrayPath": lambda depth: [
                pick(["$.items", "$.doc.tags", "$.obj"]),
                self._shape(depth),
            ],
            "@flatten": lambda depth: {
                "value": directive(depth),
                "separator": pick([".", "_"]),
                "omitArrays": pick([True, False]),
            },
            "@json": lambda depth: {"mode": pick(["encode", "decode"]), "value": directive(depth)},
            "@merge": lambda depth: {
                "objects": [{"a": node(depth)}, directive(depth), {"@path": "$.obj"}],
                "direction": pick(["left", "right"]),
            },
            "@transform": lambda depth: {
                "apply": {"txt": node(depth), "doc": {"@path": "$.doc"}},
                "mapping": {"a": directive(depth), "b": {"@path": "$.txt"}},
            },
            "@excludeWhenNull": node,
            "@path": lambda depth: pick([{"@template": "$.{{type}}"}, directive(depth)]),
        }

    def _shape(self, depth: int) -> Any:
        """Make the shape of a list's items."""
        return self._choose([{}, {"sku": {"@path": "$.sku"}, "more": self._node(depth)}])
