"""A short connection to a state file: the `Session` seam on DuckDB."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from segment_assets.errors import StateError
from segment_assets.warehouse.duckdb_engine import STORAGE_ERRORS, Engine, quoted, unwritable


class DuckDBSession:
    """Runs statements with a state file as the current database."""

    def __init__(self, engine: Engine, location: str) -> None:
        self._connection = engine.connection
        self._location = location

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except STORAGE_ERRORS as error:
            raise StateError(unwritable(self._location, error)) from error

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement."""
        with self._explained():
            self._connection.execute(sql, list(params))

    def fetch(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one query and return its few rows."""
        with self._explained():
            return self._connection.execute(sql, list(params)).fetchall()

    def read(self, sql: str) -> pa.RecordBatch:
        """Run one query of bounded size and return its rows as one Arrow batch."""
        with self._explained():
            table = self._connection.sql(sql).to_arrow_table().combine_chunks()
        batches = table.to_batches()
        return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)

    def append(self, table: str, rows: pa.RecordBatch, *, hashed: str | None = None) -> None:
        """Append Arrow rows, matched by column name; `hashed` names a text to store as its MD5."""
        columns = (
            "*" if hashed is None else f"* REPLACE (md5({quoted(hashed)}) AS {quoted(hashed)})"
        )
        with self._explained():
            self._connection.register("segment_assets_rows", rows)
            try:
                self._connection.execute(
                    f"INSERT INTO {quoted(table)} BY NAME SELECT {columns} FROM segment_assets_rows"
                )
            finally:
                self._connection.unregister("segment_assets_rows")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all statements inside, or none."""
        self._connection.execute("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            with self._explained():
                self._connection.execute("ROLLBACK")
            raise
        with self._explained():
            self._connection.execute("COMMIT")
