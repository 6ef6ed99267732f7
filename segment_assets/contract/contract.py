"""The contract of an action: what a mapping made -> the calls as they are sent, or the reasons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segment_assets.codes import CODES
from segment_assets.contract.coercion import MappedField, kind_of, read_fields
from segment_assets.contract.failures import Failure, build_frame, find_failures
from segment_assets.contract.findings import BIT, Findings, Note
from segment_assets.contract.open_object import read_objects
from segment_assets.contract.payload import build_calls
from segment_assets.contract.schema import build_schema, required_keys
from segment_assets.contract.sentence import tell, tell_size
from segment_assets.errors import MappingError
from segment_assets.fields import fields_of
from segment_assets.handoff import Action, Violation
from segment_assets.wire import MAX_CALL_BYTES, encode_calls


@dataclass(frozen=True, slots=True)
class Checked:
    """What the contract made of a chunk. `calls` has one item per row: None where rejected.

    `violations` are of rejected rows, all of a row's codes; `warnings` of rows that are sent or
    rejected alike. Both are in row order. Calls may share values with the mapping's output and
    are not to be changed.
    """

    calls: list[dict[str, Any] | None]
    violations: list[Violation]
    warnings: list[Violation]


class Contract:
    """Checks chunks of one mapping. Costs a fixed 5 to 25 ms a chunk: give it 10,000 rows."""

    def __init__(
        self,
        action: Action,
        *,
        allow_placeholder_ids: bool = False,
        integrations: Mapping[str, Any] | None = None,
    ) -> None:
        """Build the action's schema. Raises `MappingError` if `integrations` isn't plain JSON."""
        self._action = action
        self._fields = fields_of(action)
        self._required = required_keys(action)
        self._schema = build_schema(action, allow_placeholder_ids=allow_placeholder_ids)
        self._integrations = None if integrations is None else _plain(integrations)

    def check(self, fields: Mapping[str, Sequence[Any]], length: int) -> Checked:
        """Check `length` rows, given as one sequence of values per field key.

        A value may be `MISSING`, or a `Fault`, which rejects its row with that code. Fields that
        the action doesn't have are left out. Raises `SegmentAssetsError` if the check itself
        fails; `fields` is not changed.
        """
        mapped = read_fields(self._fields, fields)
        failures = find_failures(self._schema, build_frame(self._action, mapped, length))
        told = sorted(
            {(v.row, v.code, v.field): v for v in self._tell(mapped, failures, fields)}.values(),
            key=lambda violation: violation.row,
        )
        violations = [v for v in told if _rejects(v.code)]
        calls: list[dict[str, Any] | None] = list(
            build_calls(self._action, mapped, length, self._integrations)
        )
        for violation in violations:
            calls[violation.row] = None
        return Checked(calls, violations, [v for v in told if not _rejects(v.code)])

    def _tell(
        self,
        mapped: Sequence[MappedField],
        failures: Sequence[Failure],
        given: Mapping[str, Sequence[Any]],
    ) -> Iterator[Violation]:
        findings: dict[str, tuple[Findings, str]] = {
            column.path: (column.findings, column.kind)
            for item in mapped
            for column in item.columns
        }
        for found, _ in findings.values():
            for row, path, fault in found.faults:
                yield Violation(row, fault.code, path, "", fault.message)
        for failure in failures:
            path = failure.path or self._field_of(failure.code)
            found, kind = findings.get(path) or (Findings(), kind_of(self._fields[path]))
            bit = BIT.get(failure.code, 0)
            values = given.get(path)
            for row in failure.rows:
                value = values[row] if values is not None else None
                note = found.notes.get((row, bit)) or Note(path, value)
                yield tell(row, failure.code, note, kind)

    def _field_of(self, code: str) -> str:
        """Name the field of a rule on presence: missing_group_id is about group_id."""
        key = code.removeprefix("missing_")
        return key if key in self._required else "user_id"


def _rejects(code: str) -> bool:
    return code not in CODES or CODES[code].scope != "warning"


def _plain(integrations: Mapping[str, Any]) -> dict[str, Any]:
    column = read_objects([dict(integrations)], "integrations", "object")
    problems = [(note.path, tell(0, "unserialisable_value", note, "object").message)
                for note in column.findings.notes.values()]  # fmt: skip
    if problems:
        raise MappingError(problems)
    made: dict[str, Any] = column.values[0]
    return made


def encode(checked: Checked) -> tuple[pa.BinaryArray, list[Violation]]:
    """Encode the calls. Those over the API's limit become null, each with its violation."""
    payload = encode_calls(checked.calls)
    sizes = pc.binary_length(payload).fill_null(0).to_numpy(zero_copy_only=False)
    too_large = np.flatnonzero(sizes > MAX_CALL_BYTES)
    if not too_large.size:
        return payload, []
    violations = [tell_size(int(row), int(sizes[row])) for row in too_large]
    fits = pa.array(sizes <= MAX_CALL_BYTES)
    return pc.if_else(fits, payload, pa.scalar(None, pa.binary())), violations
