"""One contender of the delivery benchmark, run as a process of its own.

    python contender.py NAME DATABASE ENDPOINT

Prints one JSON line: CPU seconds of the phases it has, and the peak memory of the process.
Every contender sends identify calls of the same 12 columns, without gzip, in bodies of up to
500,000 bytes, with a messageId per call.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

TRAITS = ("name", "email", "plan", "seats", "amount", "is_active", "score", "city", "company")
COLUMNS = ("user_id", "updated_at", "ip", *TRAITS)


def peak_mb() -> float:
    """Return this process's peak resident memory in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ours(database: str, endpoint: str) -> dict[str, Any]:
    """Plan and deliver with segment_assets: contract, fingerprint and ledger on."""
    from segment_assets.delivery import DeliveryOptions
    from segment_assets.handoff import Connection, Model, SyncSpec
    from segment_assets.preview import preview
    from segment_assets.sync import deliver_plan, plan_sync
    from segment_assets.warehouse.duckdb import DuckDBWarehouse

    fields = {
        "user_id": {"@path": "$.user_id"},
        "timestamp": {"@path": "$.updated_at"},
        "ip_address": {"@path": "$.ip"},
        "message_id": {"@path": "$.messageId"},
        "traits": {name: {"@path": f"$.{name}"} for name in TRAITS},
    }
    model = Model("bench/users", "user_id", table="main.users")
    spec = SyncSpec("bench", "users", model, "identify", fields)
    warehouse = DuckDBWarehouse("bench", Path(database))
    # Start-up is nobody's: imports and the first schema are paid before the clock starts.
    preview("identify", fields, [dict.fromkeys(COLUMNS, "1")])
    started = time.process_time()
    report = plan_sync(spec, warehouse)
    planned = time.process_time()
    connection = Connection("benchmark", "us", endpoint, None)
    result = deliver_plan(spec, warehouse, connection, options=DeliveryOptions(gzip=False))
    if not result.finished or report.calls != result.counts["accepted"]:
        raise SystemExit(f"not all accepted: {result}")
    return {"plan": planned - started, "deliver": time.process_time() - planned}


def rows(database: str) -> Any:
    """Yield rows as tuples, as a hand-written script would."""
    import duckdb

    connection = duckdb.connect(database, read_only=True)
    cursor = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM main.users")
    while chunk := cursor.fetchmany(10_000):
        yield from chunk


def segment_library(database: str, endpoint: str) -> dict[str, Any]:
    """Send with segment-analytics-python; when its queue is full, wait and offer again."""
    from segment.analytics import Client

    client = Client(
        "benchmark",
        host=endpoint,
        max_queue_size=10_000,
        upload_size=2_500,
        gzip=False,
        max_retries=10,
    )
    started = time.process_time()
    for number, row in enumerate(rows(database)):
        traits = dict(zip(TRAITS, row[3:], strict=True))
        context = {"ip": row[2]}
        message_id = f"bench-{number}"
        while not client.identify(row[0], traits, context, timestamp=row[1], message_id=message_id)[
            0
        ]:
            time.sleep(0.005)
    client.flush()
    client.join()
    return {"deliver": time.process_time() - started}


def bare_loop(database: str, endpoint: str) -> dict[str, Any]:
    """Send batches of dicts with `orjson.dumps` and `httpx.post`: no contract, no memory."""
    import httpx
    import orjson

    started = time.process_time()
    client = httpx.Client()
    batch: list[dict[str, Any]] = []
    size = 0
    for number, row in enumerate(rows(database)):
        call = {
            "type": "identify",
            "messageId": f"bench-{number}",
            "userId": row[0],
            "timestamp": row[1].isoformat() + "Z",
            "context": {"ip": row[2]},
            "traits": {
                name: float(value) if name == "amount" and value is not None else value
                for name, value in zip(TRAITS, row[3:], strict=True)
            },
        }
        size += len(orjson.dumps(call)) + 1
        batch.append(call)
        if size > 498_000 or len(batch) == 2_500:
            _post(client, endpoint, batch)
            batch, size = [], 0
    if batch:
        _post(client, endpoint, batch)
    return {"deliver": time.process_time() - started}


def _post(client: Any, endpoint: str, batch: list[dict[str, Any]]) -> None:
    import orjson

    body = orjson.dumps({"batch": batch, "writeKey": "benchmark"})
    client.post(
        f"{endpoint}/v1/batch", content=body, headers={"Content-Type": "application/json"}
    ).raise_for_status()


def main() -> None:
    """Run one contender."""
    name, database, endpoint = sys.argv[1:]
    contenders = {"ours": ours, "segment_library": segment_library, "bare_loop": bare_loop}
    started = time.monotonic()
    facts = contenders[name](database, endpoint)
    facts["wall"] = time.monotonic() - started
    facts["peak_mb"] = peak_mb()
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
