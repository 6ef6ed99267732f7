"""Evaluation works by column, and loads its Liquid engine only for those who use it."""

import subprocess
import sys
import time

from segment_assets.mapping import Envelope, Mapping, Trigger

ROWS = 20_000


def test_plain_paths_cost_little_per_row() -> None:
    """Twelve plain paths, eight of them in an object, take about a microsecond per row."""
    columns = {f"c{place}": [f"{place}-{row}" for row in range(ROWS)] for place in range(12)}
    ids = [str(row) for row in range(ROWS)]
    paths = [{"@path": f"$.c{place}"} for place in range(12)]
    mapping = Mapping.parse(
        {
            "user_id": paths[0],
            "anonymous_id": paths[1],
            "timestamp": paths[2],
            "message_id": paths[3],
            "traits": {f"t{place}": paths[place] for place in range(4, 12)},
        }
    )
    trigger = Trigger.parse('c1 != "x" and !match(c2, "y*")')
    seconds = []
    for _ in range(5):
        rows = Envelope(columns, "identify", ["added"] * ROWS, ids, ids)
        started = time.perf_counter()
        mapping.evaluate_rows(rows)
        trigger.matches_rows(rows)
        seconds.append(time.perf_counter() - started)

    # About 2 microseconds on a quiet machine; the bound only catches work done row by row.
    assert min(seconds) / ROWS < 15e-6


def test_importing_the_package_loads_no_engine() -> None:
    """Loading definitions must be quick: no Liquid, no data frames, no HTTP, no database."""
    script = (
        "import sys, segment_assets.mapping as m; "
        "m.Mapping.parse({'a': {'@path': '$.b'}}).evaluate({'b': 1}); "
        "print([n for n in ('liquid', 'pandas', 'pyarrow', 'httpx', 'duckdb', 'dagster') "
        "if n in sys.modules])"
    )

    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert found.stdout.strip() == "[]"
