"""CPU per row of mapping and encoding, beside a function that a person would write by hand.

    python segment_assets_tests/bench/bench_mapping.py [--rows 100000] [--rounds 3]

Timed for both alike: from the same Python column lists (values as they come from the warehouse)
to one Arrow array of JSON bytes, made by the same encoder, in chunks of as many rows as a sync
takes, with the garbage collector paused in a chunk. Ours is `Mapping.evaluate_rows` on the
envelope of a chunk, then one object per row; the other is one function per mapping that makes
the same object, row by row. The contract is in neither: nobody writes it by hand.

Prints medians of alternating rounds and their ratios. Exits 1 when the bytes differ, or when a
ratio is over three times its reach.
"""

import argparse
import gc
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Facts
from typing import Any, Final

import pyarrow as pa

from segment_assets.mapping import Envelope, Mapping
from segment_assets.mapping.rows import objects_of
from segment_assets.survey import CHUNK_ROWS
from segment_assets.wire import encode_calls

Columns = Facts[str, Sequence[Any]]
Encode = Callable[[Columns, int], pa.BinaryArray]


def make_columns(rows: int) -> dict[str, list[Any]]:
    """Make 14 columns: texts, numbers, booleans, nulls, lists and objects."""
    dice = random.Random(1)  # noqa: S311 - test data
    plans, cities = ("free", "team", "Enterprise"), ("Oslo", "Trondheim", None)
    return {
        "id": [f"user-{row:09}" for row in range(rows)],
        "anonymous": [f"anon-{row % 977}" for row in range(rows)],
        "at": [f"2026-01-{row % 28 + 1:02}T10:{row % 60:02}:00.000Z" for row in range(rows)],
        "name": [f"Person Number {row}" for row in range(rows)],
        "email": [f"Person{row}@Example.com" for row in range(rows)],
        "plan": [dice.choice(plans) for _ in range(rows)],
        "seats": [None if row % 7 == 0 else row % 90 for row in range(rows)],
        "amount": [row % 100_000 / 8 for row in range(rows)],
        "active": [row % 2 == 0 for row in range(rows)],
        "score": [row % 1_000 / 4 for row in range(rows)],
        "city": [cities[row % 3] for row in range(rows)],
        "company": [f"Company {row % 500}" for row in range(rows)],
        "items": [[{"sku": f"s{row}", "qty": n} for n in range(row % 3)] for row in range(rows)],
        "doc": [{"a": {"b": row}, "tags": ["x", None]} for row in range(rows)],
        "raw": [f'{{"n": {row}}}' for row in range(rows)],
    }


def path(name: str) -> dict[str, str]:
    """Return a path to a column."""
    return {"@path": f"$.{name}"}


PATHS: Final[dict[str, Any]] = {
    "user_id": path("id"), "anonymous_id": path("anonymous"), "timestamp": path("at"),
    "traits": {name: path(name) for name in (
        "name", "email", "plan", "seats", "amount", "active", "score", "city", "company",
    )},
}  # fmt: skip


def paths_by_hand(columns: Columns) -> Iterator[dict[str, Any]]:
    """Make what `PATHS` makes."""
    names = (
        "id", "anonymous", "at", "name", "email", "plan", "seats", "amount", "active", "score",
        "city", "company",
    )  # fmt: skip
    for (
        user, anonymous, at, name, email, plan, seats, amount, active, score, city, company
    ) in zip(*map(columns.__getitem__, names), strict=True):  # fmt: skip
        yield {
            "user_id": user,
            "anonymous_id": anonymous,
            "timestamp": at,
            "traits": {
                "name": name, "email": email, "plan": plan, "seats": seats, "amount": amount,
                "active": active, "score": score, "city": city, "company": company,
            },
        }  # fmt: skip


def label(record: Facts[str, Any]) -> str:
    """Join two columns: what `@python` calls."""
    return record["company"] + "/" + record["plan"]


EVERY: Final[dict[str, Any]] = {
    "user_id": {"@case": {"operator": "lower", "value": path("id")}},
    "event_name": {"@template": "{{plan}} of {{company}}"},
    "timestamp": {"@column": "at"},
    "properties": {
        "source": {"@literal": "warehouse"},
        "seats": {"@if": {"exists": path("seats"), "then": path("seats"), "else": 1}},
        "email": {"@replace": {"pattern": "@", "replacement": " at ", "value": path("email")}},
        "lines": {"@arrayPath": ["$.items", {"id": path("sku"), "count": path("qty")}]},
        "flat": {"@flatten": {"value": path("doc"), "separator": "."}},
        "text": {"@json": {"mode": "encode", "value": path("items")}},
        "raw": {"@json": {"mode": "decode", "value": path("raw")}},
        "all": {"@merge": {"objects": [path("doc"), {"a": path("score")}], "direction": "right"}},
        "new": {"@transform": {"apply": {"n": path("name")}, "mapping": {"who": path("n")}}},
        "city": {"@excludeWhenNull": path("city")},
        "label": {"@python": f"{__name__}:label"},
    },
}


def every_by_hand(columns: Columns) -> Iterator[dict[str, Any]]:
    """Make what `EVERY` makes."""
    names = (
        "id", "plan", "company", "at", "seats", "email", "items", "doc", "raw", "score", "name",
        "city",
    )  # fmt: skip
    dump = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
    for user, plan, company, at, seats, email, items, doc, raw, score, name, city in zip(
        *map(columns.__getitem__, names), strict=True
    ):
        flat = {"a.b": doc["a"]["b"]}
        for place, tag in enumerate(doc["tags"]):
            flat[f"tags.{place}"] = tag
        properties = {
            "source": "warehouse",
            "seats": 1 if seats is None else seats,
            "email": email.replace("@", " at "),
            "lines": [{"id": item["sku"], "count": item["qty"]} for item in items],
            "flat": flat,
            "text": dump(items),
            "raw": json.loads(raw),
            "all": {**doc, "a": score},
            "new": {"who": name},
        }
        if city is not None:
            properties["city"] = city
        properties["label"] = f"{company}/{plan}"
        yield {
            "user_id": user.lower(),
            "event_name": f"{plan} of {company}",
            "timestamp": at,
            "properties": properties,
        }


LIQUID: Final[dict[str, Any]] = {
    "user_id": path("id"),
    "traits": {
        "who": {"@liquid": "{{ name | upcase }} ({{ plan | downcase }})"},
        "level": {"@liquid": "{% if score > 100 %}high{% else %}low{% endif %}"},
        "host": {"@liquid": "{{ email | split: '@' | last | downcase }}"},
    },
}


def liquid_by_hand(columns: Columns) -> Iterator[dict[str, Any]]:
    """Make what `LIQUID` makes."""
    names = ("id", "name", "plan", "score", "email")
    for user, name, plan, score, email in zip(*map(columns.__getitem__, names), strict=True):
        yield {
            "user_id": user,
            "traits": {
                "who": f"{name.upper()} ({plan.lower()})",
                "level": "high" if score > 100 else "low",
                "host": email.split("@")[-1].lower(),
            },
        }


def ours(fields: Facts[str, Any]) -> Encode:
    """Parse a mapping once; return what encodes a chunk of columns with it."""
    mapping = Mapping.parse(dict(fields))

    def encode(columns: Columns, length: int) -> pa.BinaryArray:
        ids = columns["id"]
        rows = Envelope(columns, "identify", ["added"] * length, ids, ids)
        made = mapping.evaluate_rows(rows)
        return encode_calls(objects_of(tuple(made), list(made.values()), length))

    return encode


def by_hand(make: Callable[[Columns], Iterator[dict[str, Any]]]) -> Encode:
    """Return what encodes a chunk of columns row by row."""
    return lambda columns, _length: encode_calls(make(columns))


#: Title, ours, by hand, and the ratio to reach (None: only shown).
BENCHES: Final[tuple[tuple[str, Encode, Encode, float | None], ...]] = (
    ("(a) 12 paths", ours(PATHS), by_hand(paths_by_hand), 2.0),
    ("(b) every directive but @liquid", ours(EVERY), by_hand(every_by_hand), 2.0),
    ("(c) three @liquid", ours(LIQUID), by_hand(liquid_by_hand), None),
)


def run(encode: Encode, chunks: Sequence[Columns]) -> tuple[float, list[pa.BinaryArray]]:
    """Encode all chunks; return CPU seconds and the payloads."""
    payloads = []
    started = time.process_time()
    for chunk in chunks:
        gc.disable()
        payloads.append(encode(chunk, len(chunk["id"])))
        gc.enable()
    return time.process_time() - started, payloads


def main() -> None:
    """Run all benches and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    columns = make_columns(arguments.rows)
    chunks = [
        {name: values[start : start + CHUNK_ROWS] for name, values in columns.items()}
        for start in range(0, arguments.rows, CHUNK_ROWS)
    ]
    is_good = True
    for title, first, second, reach in BENCHES:
        seconds: tuple[list[float], list[float]] = ([], [])
        for _ in range(arguments.rounds):
            results = []
            for encode, taken in zip((first, second), seconds, strict=True):
                spent, payloads = run(encode, chunks)
                taken.append(spent / arguments.rows * 1e6)
                results.append(payloads)
            is_equal = results[0] == results[1]
            is_good &= is_equal
        medians = [statistics.median(taken) for taken in seconds]
        ratio = medians[0] / medians[1]
        is_good &= reach is None or ratio <= 3 * reach
        print(
            f"{title:34} ours {medians[0]:6.2f} µs/row   by hand {medians[1]:6.2f} µs/row   "
            f"ratio {ratio:5.2f}" + (f" (reach {reach})" if reach else "")
            + ("" if is_equal else "   RESULTS DIFFER")
        )  # fmt: skip
    if not is_good:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
