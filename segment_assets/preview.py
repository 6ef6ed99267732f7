"""Rows in hand -> the calls they would become, and the reasons of those that would not.

Nothing is stored and nothing is sent: this is for tests of a mapping, and for a first look.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from segment_assets.contract import Contract, encode
from segment_assets.errors import MappingError
from segment_assets.fields import ACTIONS
from segment_assets.handoff import Action, Violation
from segment_assets.mapping import DictRows
from segment_assets.mapping import Mapping as ParsedMapping
from segment_assets.warehouse.arrival import value_to_json


def preview(
    action: Action,
    mapping: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    *,
    allow_placeholder_ids: bool = False,
    integrations: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return per row `{"call", "warnings"}` or `{"rejected", "warnings"}`.

    `mapping` is in mapping-kit form with the row as its root; `rows` hold Python values as a
    warehouse driver gives them. A rejection or warning is a dict of `code`, `field` and
    `message`. Raises `MappingError` if the action or the mapping can't be understood.
    """
    if action not in ACTIONS:
        raise MappingError([("action", f"{action!r} is not one of {', '.join(ACTIONS)}")])
    parsed = ParsedMapping.parse(dict(mapping))
    contract = Contract(
        action, allow_placeholder_ids=allow_placeholder_ids, integrations=integrations
    )
    roots = [{name: value_to_json(value) for name, value in row.items()} for row in rows]
    checked = contract.check(parsed.evaluate_rows(DictRows(roots)), len(roots))
    _, too_large = encode(checked)
    rejected = _by_row([*checked.violations, *too_large])
    warnings = _by_row(checked.warnings)
    return [
        {"rejected": rejected[row], "warnings": warnings.get(row, [])}
        if row in rejected
        else {"call": call, "warnings": warnings.get(row, [])}
        for row, call in enumerate(checked.calls)
    ]


def _by_row(violations: Iterable[Violation]) -> dict[int, list[dict[str, str]]]:
    rows: dict[int, list[dict[str, str]]] = {}
    for violation in violations:
        told = {"code": violation.code, "field": violation.field, "message": violation.message}
        rows.setdefault(violation.row, []).append(told)
    return rows
