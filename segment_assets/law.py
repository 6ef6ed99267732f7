"""The law: every row is in exactly one bucket, and the buckets add up. Asserted on every run.

Each term is counted from its own table or its own class of records, never by subtraction.
"""

from collections.abc import Mapping

from segment_assets.errors import LawBroken

_ROWS = ("null_key", "duplicate_key", "collapsed", "records")
_RECORDS = ("unchanged", "adopted", "unselected", "waiting", "planned")
_PLANNED = ("accepted", "rejected", "rejected_by_api", "pending", "uncertain")


def check_plan(sync: str, plan_id: str, counts: Mapping[str, int]) -> tuple[str, ...]:
    """Return the law's two lines for a plan. Raises `LawBroken` where one doesn't hold."""
    return (
        _line(sync, plan_id, "read", counts["read"], {name: counts[name] for name in _ROWS}),
        _line(
            sync,
            plan_id,
            "records + deleted",
            counts["records"] + counts["gone"],
            {name: counts[name] for name in _RECORDS},
        ),
    )


def check_delivery(
    sync: str, plan_id: str, planned: int, outcomes: Mapping[str, int]
) -> tuple[str, ...]:
    """Return the law's line for a delivery. Raises `LawBroken` where it doesn't hold."""
    return (_line(sync, plan_id, "planned", planned, {name: outcomes[name] for name in _PLANNED}),)


def _line(sync: str, plan_id: str, name: str, total: int, parts: Mapping[str, int]) -> str:
    line = f"{name} {total:,} = " + " + ".join(f"{part} {n:,}" for part, n in parts.items())
    if total != sum(parts.values()):
        raise LawBroken(
            f"{sync}: the buckets of plan {plan_id} don't add up: {line}. This is a fault of "
            "segment_assets: please report it with this line; nothing more is sent"
        )
    return line
