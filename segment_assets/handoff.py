"""Facts that the stages hand to one another. Frozen, and free of behaviour.

Stages (`warehouse mapping contract plan delivery ledger`) never import one another; what one
gives to the next is written here, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Action = Literal["page", "screen", "track", "identify", "group", "alias"]
#: The `event` value that a mapping sees for each diff class, as at Segment.
EVENT_OF_OP: Final[dict[str, str]] = {"added": "new", "updated": "updated", "deleted": "deleted"}


class _Missing:
    """The type of `MISSING`: a value that isn't there, which is not the same as null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


#: JavaScript's `undefined`: left out of objects, where null is kept.
MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that could not be made: stands in the value's place and rejects its row only."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule of one record. `row` is its position in the batch in hand.

    `found` is a short text of what was found (never a whole payload), `field` the field key with
    dots for sub-fields (`device.id`), or the column for key rules.
    """

    row: int
    code: str
    field: str
    found: str
    message: str


@dataclass(frozen=True, slots=True)
class Model:
    """The table or query that yields records. Exactly one of `table` and `query` is set."""

    key: str
    primary_key: str
    table: str | None = None
    query: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Gates:
    """Limits that block a plan. Percentages are of the plan or of live records; None is off."""

    max_rejected_percent: float | None = 5.0
    max_deleted_percent: float | None = 10.0
    max_changed_percent: float | None = None
    max_calls: int | None = None
    max_new_users: int | None = None


@dataclass(frozen=True, slots=True)
class SyncSpec:
    """One sync: a model, a mapping and a destination, as the core needs to know them.

    `fields` is the mapping in mapping-kit form (the `$.` shorthand of user files is resolved).
    """

    destination: str
    name: str
    model: Model
    action: Action
    fields: Mapping[str, Any]
    when: frozenset[str] = frozenset({"added", "updated"})
    trigger: str | None = None
    integrations: Mapping[str, Any] | None = None
    allow_placeholder_ids: bool = False
    gates: Gates = field(default_factory=Gates)

    @property
    def full_name(self) -> str:
        """`destination/mapping`, the name that every message and command uses."""
        return f"{self.destination}/{self.name}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a model: its exact name and the engine's own name of its type.

    `is_nullable` is what the catalog says of a stored table's column; None where it isn't known.
    It is a hint for people, so columns are equal without it.
    """

    name: str
    type: str
    is_nullable: bool | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SeqRange:
    """A run of planned records: `first` to `last` sequence number, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Connection:
    """Where calls go and with which key. The key has no repr."""

    write_key: str = field(repr=False)
    region: str = "us"
    endpoint: str | None = None
    events_per_second: float | None = 1000.0


@dataclass(slots=True)
class DeliveryReport:
    """What one delivery did. Counts of calls, except where the name says otherwise."""

    accepted: int = 0
    refused: int = 0
    pending: int = 0
    uncertain: int = 0
    batches: int = 0
    posts: int = 0
    bytes_sent: int = 0
    wait_seconds: float = 0.0
    seconds: float = 0.0
    failure_code: str | None = None
    failure: str | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate's verdict on a finished plan. `status`: passed, warning or blocked."""

    name: str
    status: Literal["passed", "warning", "blocked"]
    sentence: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """A sample of a rejected record, for people: never a whole row."""

    record_id: str
    code: str
    field: str
    found: str
    message: str


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What a plan holds. All counts are of records unless the name says otherwise.

    `counts` has: read, null_key, duplicate_key, collapsed, records, added, updated, deleted,
    unchanged, unselected, waiting, over_cap, planned, rejected, to_send. `rejected_by_code`
    counts records per code (a record with two codes counts under both). `calls` = calls to be
    billed. `first_calls` are masked calls as JSON text, at most three.
    """

    sync: str
    plan_id: str
    plan_no: int
    status: str
    counts: Mapping[str, int]
    rejected_by_code: Mapping[str, int]
    warned_by_code: Mapping[str, int]
    samples: tuple[Rejection, ...]
    gates: tuple[GateResult, ...]
    calls: int
    new_users: int
    bytes_to_send: int
    batches: int
    seconds_at_rate: float
    first_calls: tuple[str, ...]
    seconds: float
    resumed: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a delivery did to a plan, and the law with each term counted from its own table."""

    sync: str
    plan_id: str
    counts: Mapping[str, int]
    law: tuple[str, ...]
    delivery: DeliveryReport
    finished: bool
