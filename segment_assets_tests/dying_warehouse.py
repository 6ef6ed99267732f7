"""A warehouse whose process dies: from the n-th touch of the state on, every touch fails.

What a killed process had not done by then stays undone, and nothing can be tidied up after it:
a transaction that was open is rolled back, as the next process finds it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from segment_assets.warehouse.duckdb import DuckDBState, DuckDBWarehouse
from segment_assets.warehouse.duckdb_session import DuckDBSession


class Killed(BaseException):
    """Stands for SIGKILL: no `except Exception` may catch it."""


class Fuse:
    """Counts touches of the state down; `None` never burns out."""

    def __init__(self, touches: int | None = None) -> None:
        self.left = touches

    def burn(self) -> None:
        """Count one touch; raise `Killed` when there is none left."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed


class DyingSession:
    """A session that burns the fuse with each statement."""

    def __init__(self, session: DuckDBSession, fuse: Fuse) -> None:
        self._session, self._fuse = session, fuse

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Burn, then run one statement."""
        self._fuse.burn()
        self._session.execute(sql, params)

    def fetch(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Burn, then run one query."""
        self._fuse.burn()
        return self._session.fetch(sql, params)

    def read(self, sql: str) -> pa.RecordBatch:
        """Burn, then read one batch."""
        self._fuse.burn()
        return self._session.read(sql)

    def append(self, table: str, rows: pa.RecordBatch, *, hashed: str | None = None) -> None:
        """Burn, then append."""
        self._fuse.burn()
        self._session.append(table, rows, hashed=hashed)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Burn before the commit: it is the last thing that can be missed."""
        with self._session.transaction():
            yield
            self._fuse.burn()


class DyingState(DuckDBState):
    """A state that can be touched only so often."""

    fuse: Fuse

    @contextmanager
    def session(self) -> Iterator[Any]:
        """Burn, then open."""
        self.fuse.burn()
        with super().session() as session:
            yield DyingSession(session, self.fuse)


class DyingWarehouse(DuckDBWarehouse):
    """A DuckDB warehouse with a fuse."""

    def __init__(self, name: str, database: Path) -> None:
        super().__init__(name, database)
        self.fuse = Fuse()

    def _mortal(self, state: DuckDBState) -> DyingState:
        mortal = DyingState.__new__(DyingState)
        mortal.__dict__.update(state.__dict__)
        mortal.fuse = self.fuse
        return mortal

    def state(self, destination: str, mapping: str) -> DyingState:
        """Return the sync's state, which may die."""
        return self._mortal(super().state(destination, mapping))

    def installation(self) -> DyingState:
        """Return the installation's state, which may die."""
        return self._mortal(super().installation())
