"""The protocols at which stages meet: a new engine or encoder fits here and nowhere else."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pyarrow as pa

from segment_assets.handoff import Column, Model, SeqRange, Violation


class Session(Protocol):
    """One short connection to where the state lives. Statements name state tables plainly."""

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement."""

    def fetch(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one query and return its few rows."""

    def read(self, sql: str) -> pa.RecordBatch:
        """Run one query of bounded size and return its rows as one Arrow batch."""

    def append(self, table: str, rows: pa.RecordBatch, *, hashed: str | None = None) -> None:
        """Append Arrow rows, matched by column name; `hashed` names a text to store as its MD5."""

    def transaction(self) -> AbstractContextManager[None]:
        """Commit all statements inside, or none."""


class Dialect(Protocol):
    """What differs between engines in the SQL of a plan."""

    name: str

    def quote(self, name: str) -> str:
        """Quote an identifier."""

    def literal(self, text: str) -> str:
        """Write a text literal, escaped for this engine."""

    def canonical(self, column: Column) -> str:
        """Return a text expression that is equal for equal values, whatever the type."""

    def wire(self, column: Column) -> str:
        """Return an expression that turns an odd type into one that reaches Python unharmed."""

    def key_text(self, column: Column) -> str:
        """Return a text expression of a primary key, as a person reads it; null stays null."""

    def fingerprint(self, columns: Sequence[Column]) -> str:
        """Return a text expression of the fingerprint over columns, in order."""

    def lane(self, texts: Sequence[str], lanes: int) -> str:
        """Return an integer expression, 0 to `lanes` - 1, equal for equal text expressions."""

    def message_id(self, expression: str) -> str:
        """Return an expression of a messageId (at most 100 characters) made from a text."""


class MarkStore(Protocol):
    """The marks of one sync's open plan. Every method is durable when it returns."""

    def add(
        self,
        plan_id: str,
        batch: SeqRange,
        status: str,
        *,
        attempt: int,
        token: str,
        code: str | None = None,
    ) -> None:
        """Append a mark: `status` is intent, accepted, refused or returned."""

    def of_plan(self, plan_id: str) -> pa.RecordBatch:
        """Return a plan's marks: `seq_from`, `seq_to`, `status`, in the order they were written."""

    def forget(self) -> None:
        """Drop all marks: the plan that they spoke of is settled."""

    def close(self) -> None:
        """Let go of what the first `add` opened."""


class StateStore(Protocol):
    """The durable state of one sync, living where the plan is made."""

    location: str
    #: What a statement given to `freeze` puts before the names of state tables.
    prefix: str

    def exists(self) -> bool:
        """Say whether anything was ever recorded."""

    def session(self) -> AbstractContextManager[Session]:
        """Open for one read or write; waits with backoff while another process holds it."""

    def marks(self) -> MarkStore:
        """Return the marks of the sync's open plan."""

    def freeze(self, statement: str, model: Model) -> None:
        """Run a `CREATE TABLE plan AS ...` with the model's tables in reach: one snapshot."""

    def lease(self, holder: str) -> AbstractContextManager[str]:
        """Hold the sync's sender lease and yield its token. Raises `Busy`, naming the holder."""


class Warehouse(Protocol):
    """Where models live."""

    name: str
    dialect: Dialect

    def describe(self, model: Model) -> tuple[Column, ...]:
        """Return the model's columns in order. Raises `ModelError`."""

    def is_base_table(self, model: Model) -> bool:
        """Say whether reading the model twice in one statement is cheap and gives equal rows."""

    def sample(
        self, model: Model, key: Column, columns: Sequence[Column], *, limit: int, only: str | None
    ) -> pa.RecordBatch:
        """Return up to `limit` rows as a plan holds them, of one key text where `only` is given.

        Columns: `record_id` and `fingerprint` text, then the named columns, cast as in a plan, as
        `c0`, `c1`, ...
        """

    def state(self, destination: str, mapping: str) -> StateStore:
        """Return the state store of one sync."""

    def installation(self) -> StateStore:
        """Return the store of what all syncs of this installation share."""

    def relation(self, model: Model) -> str:
        """Return the SQL of what the model selects from: its table as written, or its query."""


class EncodedBatch(Protocol):
    """Calls ready to be sent: the seam between records and the wire. All in the rows' order."""

    @property
    def seq(self) -> pa.Array:
        """Sequence numbers, int64."""

    @property
    def record_id(self) -> pa.Array:
        """Key texts."""

    @property
    def payload(self) -> pa.BinaryArray:
        """Calls as JSON; null where the record is rejected or not selected by the trigger."""

    @property
    def calls(self) -> Sequence[dict[str, Any] | None]:
        """The same calls as objects."""

    @property
    def selected(self) -> Sequence[bool] | None:
        """Whether the trigger selects each record; None = all are."""

    @property
    def violations(self) -> Sequence[Violation]:
        """Why records are rejected."""

    @property
    def warnings(self) -> Sequence[Violation]:
        """What is odd about records that are sent all the same."""


class Encoder(Protocol):
    """Rows of a plan -> calls. Pure: equal rows give equal bytes, now and on every retry."""

    def encode(self, rows: pa.RecordBatch) -> EncodedBatch:
        """Map, check and encode one Arrow batch of plan rows."""


class CallSource(Protocol):
    """The calls of a plan as delivery reads them: by lane, in order, a chunk at a time."""

    def lanes(self) -> Sequence[SeqRange]:
        """Return each lane's own range of sequence numbers; lanes are sent side by side."""

    def read(self, lane: SeqRange) -> "Iterator[tuple[pa.Array, pa.BinaryArray]]":
        """Yield (`seq` int64, `payload` binary, null = not to be sent) chunks of one lane."""


class Recorder(Protocol):
    """The ledger as delivery sees it. Every method is one durable transaction when it returns."""

    def intent(self, batch: SeqRange, attempt: int) -> None:
        """Say that a batch is about to be posted. Nothing is posted before this returns."""

    def accepted(self, batch: SeqRange, attempt: int) -> None:
        """Say that the API accepted exactly this batch."""

    def refused(self, batch: SeqRange, attempt: int, found: str) -> None:
        """Say that the API refused this one call with 400 while it accepted others."""

    def returned(self, batch: SeqRange, attempt: int, code: str) -> None:
        """Take an intent back: every post of it was answered by a refusal of the whole request."""

    def should_stop(self) -> str | None:
        """Return why delivery must stop now (cancelled, lease lost), else None. Cheap."""
