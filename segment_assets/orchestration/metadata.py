"""Reports as Dagster metadata: numbers as numbers (the UI plots them), lists as tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg

from segment_assets.codes import CODES
from segment_assets.handoff import PlanReport, SyncReport

_MAX_SAMPLES = 20
_MAX_TEXT = 200
_DELIVERY_NUMBERS = ("batches", "posts", "bytes_sent", "wait_seconds", "seconds")


def plan_metadata(report: PlanReport) -> dict[str, Any]:
    """Show a plan: its counts, gates, rejections by code, samples and first masked calls."""
    metadata: dict[str, Any] = {
        "plan_id": report.plan_id,
        "plan_no": report.plan_no,
        "status": report.status,
        **report.counts,
        "calls": report.calls,
        "new_users": report.new_users,
        "bytes_to_send": report.bytes_to_send,
        "batches": report.batches,
        "seconds_at_rate": report.seconds_at_rate,
        "seconds": report.seconds,
        "resumed": report.resumed,
        "dagster/row_count": report.counts.get("planned", 0),
    }
    tables = {
        "gates": [
            {"gate": gate.name, "status": gate.status, "sentence": gate.sentence}
            for gate in report.gates
        ],
        "rejected_by_code": _code_rows(report.rejected_by_code),
        "warned_by_code": _code_rows(report.warned_by_code),
        "samples": [
            {
                "record_id": sample.record_id,
                "code": sample.code,
                "field": sample.field,
                "found": sample.found,
                "message": sample.message,
            }
            for sample in report.samples[:_MAX_SAMPLES]
        ],
    }
    metadata |= {name: _table(rows) for name, rows in tables.items() if rows}
    if report.first_calls:
        metadata["first_calls"] = dg.MetadataValue.md(_fenced(report.first_calls))
    if report.notes:
        metadata["notes"] = dg.MetadataValue.md("\n".join(f"- {note}" for note in report.notes))
    return metadata


def trial_metadata(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Show real rows as Test Mapping does: envelope, resolved fields, and the call or why none."""
    return (
        {"test_mapping": dg.MetadataValue.json([_shortened(r) for r in results])} if results else {}
    )


def _shortened(value: Any) -> Any:
    """Cut long texts: metadata is kept with every run."""
    if isinstance(value, Mapping):
        return {key: _shortened(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(part) for part in value]
    if isinstance(value, str) and len(value) > _MAX_TEXT:
        return f"{value[:_MAX_TEXT]}... ({len(value):,} characters)"
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def sync_metadata(report: SyncReport) -> dict[str, Any]:
    """Show a delivery: what became of every planned record, the law, and the effort."""
    delivery = report.delivery
    metadata: dict[str, Any] = {
        "plan_id": report.plan_id,
        **report.counts,
        "finished": report.finished,
        **{name: getattr(delivery, name) for name in _DELIVERY_NUMBERS},
        "law": dg.MetadataValue.md("\n".join(f"- {line}" for line in report.law)),
        "dagster/row_count": report.counts.get("accepted", delivery.accepted),
    }
    if delivery.failure:
        metadata["failure"] = delivery.failure
        metadata["failure_code"] = delivery.failure_code or "unknown"
    if delivery.warnings:
        warnings = "\n".join(f"- {warning}" for warning in delivery.warnings)
        metadata["warnings"] = dg.MetadataValue.md(warnings)
    return metadata


def _code_rows(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "code": name,
            "records": records,
            "meaning": CODES[name].meaning,
            "actor": CODES[name].actor,
            "remedy": CODES[name].remedy,
        }
        for name, records in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def _table(rows: Iterable[Mapping[str, Any]]) -> dg.TableMetadataValue:
    return dg.MetadataValue.table([dg.TableRecord(dict(row)) for row in rows])


def _fenced(calls: Iterable[str]) -> str:
    return "\n".join(f"```json\n{call}\n```" for call in calls)
