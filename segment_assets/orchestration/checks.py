"""A plan's gates as asset checks. They show and stop a run; the ledger alone lets a sync send.

A sync materialised by itself ignores checks, so delivery claims an approved plan from the ledger.
"""

import dagster as dg

from segment_assets.handoff import GateResult, PlanReport

#: The gates that a plan shows, in order. A gate of another name is told under the first.
GATES: dict[str, str] = {
    "contract": "Rows that break the contract stay within max_rejected_percent.",
    "volume": "Deleted and changed records stay within max_deleted_percent, max_changed_percent.",
    "budget": "Calls and new users stay within max_calls and max_new_users.",
}
_RANK = {"passed": 0, "warning": 1, "blocked": 2}


def build_check_specs(plan: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """Declare the blocking checks of one plan: they run in the plan's own step."""
    return [
        dg.AssetCheckSpec(name, asset=plan, blocking=True, description=description)
        for name, description in GATES.items()
    ]


def check_results(report: PlanReport, plan: dg.AssetKey) -> list[dg.AssetCheckResult]:
    """Turn gate verdicts into check results; a gate that the report doesn't name has passed.

    A blocked gate fails with ERROR, which stops what comes after in the same run. A warning fails
    with WARN: yellow, and the sync goes on, as the gate decided.
    """
    by_check: dict[str, list[GateResult]] = {name: [] for name in GATES}
    for gate in report.gates:
        by_check[gate.name if gate.name in GATES else "contract"].append(gate)
    return [_result(name, gates, plan, report) for name, gates in by_check.items()]


def _result(
    name: str, gates: list[GateResult], plan: dg.AssetKey, report: PlanReport
) -> dg.AssetCheckResult:
    worst = max((gate.status for gate in gates), key=_RANK.__getitem__, default="passed")
    sentences = "; ".join(gate.sentence for gate in gates)
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=plan,
        passed=worst == "passed",
        severity=(
            dg.AssetCheckSeverity.WARN if worst == "warning" else dg.AssetCheckSeverity.ERROR
        ),
        description=sentences or "nothing to object to",
        metadata={"status": worst, "plan_id": report.plan_id},
    )
