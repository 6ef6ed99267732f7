"""Gates: what blocks a plan, from which numbers on, and what only warns."""

import pytest

from segment_assets.handoff import Gates
from segment_assets.plan.gates import evaluate_gates, is_blocked

_NAMES = (
    "read", "null_key", "duplicate_key", "planned", "rejected", "live_before", "added", "updated",
    "deleted",
)  # fmt: skip


def _verdicts(
    gates: Gates, *, calls: int = 0, new_users: int = 0, deletes: bool = True, **counts: int
) -> dict[str, str]:
    results = evaluate_gates(
        gates,
        {**dict.fromkeys(_NAMES, 0), **counts},
        calls=calls,
        new_users=new_users,
        deletes=deletes,
    )
    assert is_blocked(results) == any(result.status == "blocked" for result in results)
    return {result.name: result.status for result in results}


@pytest.mark.parametrize(
    ("planned", "rejected", "status"),
    [
        (10, 0, "passed"),
        (10, 1, "warning"),
        (10, 9, "warning"),
        (1, 1, "warning"),
        (2, 2, "blocked"),
        (2_000, 100, "warning"),
        (1_999, 100, "blocked"),
        (1_000, 99, "warning"),
    ],
)
def test_rejected_records(planned: int, rejected: int, status: str) -> None:
    """5 % block from 100 records on, or all of 2 or more; any other rejection warns."""
    assert _verdicts(Gates(), planned=planned, rejected=rejected)["contract"] == status


def test_a_gate_that_is_off_blocks_nothing() -> None:
    """None is off, also where everything is rejected; so is 100 %."""
    for gates in (Gates(max_rejected_percent=None), Gates(max_rejected_percent=100)):
        assert _verdicts(gates, planned=500, rejected=500)["contract"] == "warning"
    gates = Gates(max_deleted_percent=None)
    assert _verdicts(gates, live_before=500, deleted=500)["volume"] == "passed"


@pytest.mark.parametrize(
    ("read", "held", "status"), [(1_000, 2, "warning"), (1_000, 100, "blocked"), (3, 3, "blocked")]
)
def test_held_rows(read: int, held: int, status: str) -> None:
    """Rows held for their key are a share of what was read."""
    assert _verdicts(Gates(), read=read, null_key=held)["contract"] == status


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, "no record is planned"),
        ({"read": 1, "planned": 1}, "the planned record keeps the contract"),
        ({"read": 1_200, "planned": 1_200}, "all 1,200 planned records keep the contract"),
        (
            {"read": 9, "null_key": 1, "duplicate_key": 2},
            "3 of 9 rows are held for a null or duplicate key; there is nothing else to send",
        ),
        (
            {"read": 1, "null_key": 1},
            "the only row is held for a null or duplicate key; there is nothing else to send",
        ),
        (
            {"read": 9, "null_key": 1, "planned": 4},
            "1 of 9 rows is held for a null or duplicate key; all 4 planned records can be sent",
        ),
        (
            {"read": 9, "planned": 4, "rejected": 1},
            "1 of 4 planned records is rejected; the other 3 planned records can be sent",
        ),
        (
            {"read": 9, "null_key": 2, "planned": 3, "rejected": 2},
            (
                "2 of 3 planned records are rejected and 2 of 9 rows are held for a null or "
                "duplicate key; the other planned record can be sent"
            ),
        ),
        (
            {"read": 9, "planned": 1, "rejected": 1},
            "the only planned record is rejected; there is nothing else to send",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_contract_gate_says_only_what_is_true(counts: dict[str, int], sentence: str) -> None:
    """Numbers agree with their verbs, and what is nought is not spoken of."""
    results = evaluate_gates(
        Gates(), {**dict.fromkeys(_NAMES, 0), **counts}, calls=1, new_users=0, deletes=True
    )

    assert results[0].sentence == sentence
    assert results[2].sentence == "1 call to be billed, 0 new users this month"


@pytest.mark.parametrize(
    ("live", "deleted", "deletes", "status"),
    [
        (1_000, 100, True, "passed"),
        (999, 100, True, "blocked"),
        (100, 99, True, "passed"),
        (999, 100, False, "passed"),
        (0, 100, True, "passed"),
    ],
)
def test_deleted_records(live: int, deleted: int, *, deletes: bool, status: str) -> None:
    """10 % of the live records block from 100 on, only where the mapping sends deletes."""
    verdicts = _verdicts(Gates(), live_before=live, deleted=deleted, deletes=deletes)
    assert verdicts["volume"] == status


def test_changed_records_are_a_gate_on_request_and_never_at_first() -> None:
    """Off by default; a first sync changes everything."""
    gates = Gates(max_changed_percent=50)
    assert _verdicts(Gates(), live_before=200, updated=200)["volume"] == "passed"
    assert _verdicts(gates, live_before=200, updated=200)["volume"] == "blocked"
    assert _verdicts(gates, live_before=0, added=200)["volume"] == "passed"


def test_budget() -> None:
    """A limit is what is allowed: one more blocks."""
    gates = Gates(max_calls=10, max_new_users=5)
    assert _verdicts(gates, calls=10, new_users=5)["budget"] == "passed"
    assert _verdicts(gates, calls=11)["budget"] == "blocked"
    assert _verdicts(gates, new_users=6)["budget"] == "blocked"


def test_records_that_nobody_can_compare() -> None:
    """They are a verdict of their own, and block from 100 on."""
    assert "mapping" not in _verdicts(Gates())
    assert _verdicts(Gates(), unmatched=99)["mapping"] == "warning"
    assert _verdicts(Gates(), unmatched=100)["mapping"] == "blocked"
