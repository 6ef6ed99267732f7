"""Marks: what is written before and after each POST, and nothing else.

A mark is one small durable transaction, two for each batch. Where the state is embedded they have
a SQLite file beside it: opening, writing and checkpointing a DuckDB file costs 5 ms, a commit
here 0.1 ms, and the state stays free for others while calls are sent. Marks name their plan by
its id, which no other plan ever has: a state that was restored from a copy can't meet wrong ones.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa

from segment_assets.errors import StateError
from segment_assets.handoff import SeqRange

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS marks (
  plan_id TEXT NOT NULL, seq_from INTEGER NOT NULL, seq_to INTEGER NOT NULL,
  status TEXT NOT NULL, code TEXT, attempt INTEGER NOT NULL, token TEXT NOT NULL,
  recorded_at TEXT NOT NULL)
"""
_SCHEMA: Final = pa.schema(
    [("seq_from", pa.int64()), ("seq_to", pa.int64()), ("status", pa.string())]
)
_BUSY_SECONDS: Final = 60.0


class SqliteMarks:
    """The marks of one sync in a file. Every method is durable when it returns.

    The first `add` opens the file until `close`; the other methods open it for themselves.
    Raises `StateError` where the file can't be read or written; what was recorded stays.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

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
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        facts = (plan_id, batch.first, batch.last, status, code, attempt, token, now)
        with self._opened(is_kept=True) as connection:
            connection.execute("INSERT INTO marks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", facts)

    def of_plan(self, plan_id: str) -> pa.RecordBatch:
        """Return a plan's marks: `seq_from`, `seq_to`, `status`, in the order they were written."""
        if self._connection is None and not self._path.exists():
            return pa.RecordBatch.from_pylist([], schema=_SCHEMA)
        with self._opened() as connection:
            rows = connection.execute(
                "SELECT seq_from, seq_to, status FROM marks WHERE plan_id = ? ORDER BY rowid",
                (plan_id,),
            ).fetchall()
        columns = list(zip(*rows, strict=True)) or [(), (), ()]
        return pa.RecordBatch.from_arrays(
            [pa.array(c, t) for c, t in zip(columns, _SCHEMA.types, strict=True)], schema=_SCHEMA
        )

    def forget(self) -> None:
        """Drop all marks: the plan that they spoke of is settled."""
        if self._connection is None and not self._path.exists():
            return
        with self._opened() as connection:
            connection.execute("DELETE FROM marks")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _opened(self, *, is_kept: bool = False) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                connection = self._connection or self._connect()
                if is_kept:
                    self._connection = connection
                try:
                    yield connection
                finally:
                    if connection is not self._connection:
                        connection.close()
            except (sqlite3.Error, OSError) as error:
                raise StateError(
                    f"the marks {self._path} can't be read or written: {error}. "
                    "Free space or mend the file's rights and run again: what was recorded stays"
                ) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(_TABLE)
        return connection
