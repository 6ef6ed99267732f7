"""CPU per call of plan and delivery, side by side with Segment's Python library and a bare loop.

    python segment_assets_tests/bench/bench_delivery.py [--rows 100000] [--rounds 3] [--memory]

Prints one table of ratios from one run of alternating rounds (medians). Exits 1 when the sink's
distinct ids differ from the rows, or when a ratio is over three times its reach.
"""

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PEER = "segment-analytics-python==2.4.0"
REACH = {"plan + deliver / segment library": 0.8, "deliver / segment library": 0.45}
MEMORY_REACH = 1.25


def make_table(path: Path, rows: int) -> None:
    """Make `main.users`: 12 columns with text, numbers, decimals, booleans and nulls."""
    import duckdb

    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"""CREATE TABLE users AS SELECT
                'user-' || lpad(i::VARCHAR, 9, '0') AS user_id,
                TIMESTAMP '2026-01-01' + INTERVAL (i) SECOND AS updated_at,
                '203.0.113.' || (i % 250) AS ip,
                'Person Number ' || i AS name, 'person' || i || '@example.com' AS email,
                CASE i % 3 WHEN 0 THEN 'free' WHEN 1 THEN 'team' ELSE 'enterprise' END AS plan,
                CASE WHEN i % 7 = 0 THEN NULL ELSE i % 90 END AS seats,
                (i % 100000)::DECIMAL(12, 2) / 7 AS amount, i % 2 = 0 AS is_active,
                (i % 1000) / 8.0 AS score, 'Trondheim' AS city, 'Company ' || (i % 500) AS company
            FROM range({rows}) AS t(i)"""
        )
        connection.execute("ALTER TABLE users ALTER amount TYPE DECIMAL(12, 2)")


def peer_python(folder: Path) -> Path:
    """Make an environment of its own for the peer and return its interpreter."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", PEER, "duckdb>=2.0"], check=True)
    return python


@contextlib.contextmanager
def running_sink() -> Iterator[str]:
    """Run the sink and yield its URL."""
    child = subprocess.Popen([sys.executable, HERE / "sink.py"], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        yield f"http://127.0.0.1:{child.stdout.readline().strip()}"
    finally:
        child.kill()
        child.wait()


def run(python: Path, name: str, database: Path, sink: str, rows: int) -> dict[str, Any]:
    """Run one contender and check what the sink saw."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "SEGMENT_ASSETS_HOME": home}
        command = [python, HERE / "contender.py", name, database, sink]
        done = subprocess.run(command, env=environment, check=True, text=True, capture_output=True)
    with urllib.request.urlopen(f"{sink}/count") as answer:
        seen = json.load(answer)
    if seen["ids"] != rows:
        raise SystemExit(f"{name}: the sink saw {seen['ids']} distinct ids, not {rows}")
    if seen["largest"] > 512_000:
        raise SystemExit(f"{name}: a body of {seen['largest']} bytes is over the limit")
    return {**json.loads(done.stdout), **seen}


def compare(rows: int, rounds: int, folder: Path, sink: str) -> bool:
    """Run the contenders in alternating rounds and print the table."""
    database = folder / "bench.duckdb"
    make_table(database, rows)
    pythons = {
        "ours": Path(sys.executable),
        "bare_loop": Path(sys.executable),
        "segment_library": peer_python(folder / "peer"),
    }
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in pythons}
    for _round in range(rounds):
        for name, python in pythons.items():
            results[name].append(run(python, name, database, sink, rows))

    def median(name: str, key: str) -> float:
        return statistics.median(result[key] for result in results[name]) / rows * 1e6

    plan, deliver = median("ours", "plan"), median("ours", "deliver")
    peer, bare = median("segment_library", "deliver"), median("bare_loop", "deliver")
    print(f"{rows:,} identify calls, 12 columns, medians of {rounds} rounds, no gzip")
    print(f"{'':28}{'CPU µs/call':>12}{'/ library':>11}{'/ bare loop':>13}{'peak MB':>9}")
    for name, cost, key in (
        ("segment-analytics-python", peer, "segment_library"),
        ("bare orjson + httpx loop", bare, "bare_loop"),
        ("ours: plan", plan, "ours"),
        ("ours: deliver", deliver, "ours"),
        ("ours: plan + deliver", plan + deliver, "ours"),
    ):
        memory = max(result["peak_mb"] for result in results[key])
        print(f"{name:28}{cost:12.1f}{cost / peer:11.2f}{cost / bare:13.2f}{memory:9.0f}")
    found = {
        "plan + deliver / segment library": (plan + deliver) / peer,
        "deliver / segment library": deliver / peer,
    }
    for name, ratio in found.items():
        print(f"{name}: {ratio:.2f} (reach {REACH[name]})")
    return all(ratio <= 3 * REACH[name] for name, ratio in found.items())


def compare_memory(folder: Path, sink: str) -> bool:
    """Print the peak memory at 1,000,000 rows against that at 300,000."""
    peaks = {}
    for rows in (300_000, 1_000_000):
        database = folder / f"memory{rows}.duckdb"
        make_table(database, rows)
        peaks[rows] = run(Path(sys.executable), "ours", database, sink, rows)["peak_mb"]
        print(f"peak memory at {rows:,} rows: {peaks[rows]:.0f} MB")
    ratio = peaks[1_000_000] / peaks[300_000]
    print(f"peak memory 1,000,000 / 300,000 rows: {ratio:.2f} (reach {MEMORY_REACH})")
    return ratio <= 3 * MEMORY_REACH


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true", help="also compare peak memory")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="segment_assets_bench_"))
    try:
        with running_sink() as sink:
            good = compare(given.rows, given.rounds, folder, sink)
            if given.memory:
                good &= compare_memory(folder, sink)
    finally:
        shutil.rmtree(folder)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
