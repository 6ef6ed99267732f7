"""How long definitions take to load: 10 destinations of 50 mappings each, in a fresh process.

Run it by hand: `python segment_assets_tests/bench/bench_load.py`. Dagster loads definitions in
the code server, and again in every run that it launches.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

_MODEL = "    - {{key: shop/model_{n:02}, table: main.model_{n:02}, primary_key: id}}\n"
_WAREHOUSE = """type: segment_assets.Warehouse
attributes:
  name: shop
  engine: duckdb
  database: shop.duckdb
  models:
"""
_DESTINATION = """type: segment_assets.SegmentDestination
attributes:
  name: destination_{n:02}
  write_key_env: SEGMENT_WRITE_KEY_{n:02}
  mappings:
"""
_MAPPING = """    - name: mapping_{n:02}
      source: shop/model_{n:02}
      action: track
      schedule: {{every: 1h}}
      enabled: true
      trigger: properties.plan != "internal"
      gates: {{max_rejected_percent: 5, max_calls: 100000}}
      fields:
        user_id: $.user_id
        event_name: Order Completed
        timestamp: $.updated_at
        properties:
          order_id: $.id
          total: $.total
          email: {{"@case": {{operator: lower, value: {{"@path": $.email}}}}}}
          label: {{"@template": "Order {{{{id}}}}"}}
"""
_CHILD = """
import json, sys, time
from pathlib import Path
start = time.perf_counter()
import dagster
imported = time.perf_counter()
from segment_assets.declare.build import load_project
from segment_assets.orchestration.factory import build_definitions
own = time.perf_counter()
project = load_project(Path(sys.argv[1]))
declared = time.perf_counter()
definitions = build_definitions(project)
built = time.perf_counter()
repository = definitions.get_repository_def()
resolved = time.perf_counter()
from dagster._core.remote_representation.external_data import RepositorySnap
RepositorySnap.from_def(repository, defer_snapshots=True)
shown = time.perf_counter()
heavy = {"pandas", "pandera", "duckdb", "httpx"} & set(sys.modules)
print(json.dumps({
    "import_dagster": imported - start, "import_own": own - imported, "declare": declared - own,
    "factory": built - declared, "repository": resolved - built,
    "snapshot_for_ui": shown - resolved,
    "load": resolved - own, "assets": len(repository.asset_graph.get_all_asset_keys()),
    "heavy_imports": sorted(heavy),
}))
"""


def write_declarations(folder: Path, destinations: int, mappings: int) -> None:
    """Write one warehouse of as many models as mappings, and the destinations."""
    models = "".join(_MODEL.format(n=n) for n in range(mappings))
    texts = {"shop": _WAREHOUSE + models}
    for number in range(destinations):
        entries = "".join(_MAPPING.format(n=n) for n in range(mappings))
        texts[f"destination_{number:02}"] = _DESTINATION.format(n=number) + entries
    for name, text in texts.items():
        (folder / name).mkdir()
        (folder / name / "defs.yaml").write_text(text)


def main() -> None:
    """Print seconds per phase, the best of a few fresh processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--destinations", type=int, default=10)
    parser.add_argument("--mappings", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_declarations(Path(folder), arguments.destinations, arguments.mappings)
        rounds = [_load(folder) for _ in range(arguments.rounds)]
    best = min(rounds, key=lambda numbers: numbers["load"])
    for name, value in best.items():
        print(f"{name:16} {value:.2f} s" if isinstance(value, float) else f"{name:16} {value}")


def _load(folder: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, folder], capture_output=True, text=True, check=True
    )
    numbers: dict[str, float] = json.loads(done.stdout)
    return numbers


if __name__ == "__main__":
    main()
