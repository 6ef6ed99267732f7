"""DuckDB: models in a database file, the state of each sync in a file of its own.

The model file is opened read-only, and only for one statement: while it is attached a writer
(dbt, a notebook) is kept out, and a writer keeps it out.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from segment_assets.errors import ModelError, StateError
from segment_assets.handoff import Column, Model
from segment_assets.seams import Dialect
from segment_assets.warehouse import duckdb_lease
from segment_assets.warehouse.duckdb_dialect import DuckDBDialect
from segment_assets.warehouse.duckdb_engine import STORAGE_ERRORS, Engine, engine, first_line
from segment_assets.warehouse.duckdb_session import DuckDBSession
from segment_assets.warehouse.sqlite_marks import SqliteMarks

HOME_VARIABLE: Final = "SEGMENT_ASSETS_HOME"
_STATE_ALIAS: Final = "segment_assets_state"
_SHARED_ALIAS: Final = "segment_assets_installation"
#: Names that DuckDB takes for something else, or that this adapter attaches itself.
_RESERVED: Final = frozenset({
    "memory", "system", "temp", "main", "pg_catalog", "information_schema",
    _STATE_ALIAS, _SHARED_ALIAS,
})  # fmt: skip
_NAME_PART: Final = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')


def state_home(database: Path) -> Path:
    """Return the state folder: `SEGMENT_ASSETS_HOME`, else `.segment_assets/` beside the model.

    Never relative to the current directory: a run from elsewhere would send everything again.
    """
    given = os.environ.get(HOME_VARIABLE)
    return Path(given).expanduser().resolve() if given else database.parent / ".segment_assets"


class DuckDBWarehouse:
    """A DuckDB file with models, seen through the process's one engine."""

    def __init__(self, name: str, database: Path) -> None:
        self.name = name
        self.database = database.absolute()
        self.dialect: Dialect = DuckDBDialect()

    @contextmanager
    def _opened(self) -> Iterator[Engine]:
        """Attach the file read-only under its stem and make it current."""
        if not self.database.is_file():
            raise ModelError(
                f"warehouse {self.name}: there is no file {self.database}. "
                "Make it (dbt run, segment-assets demo), or correct `database`"
            )
        here = engine()
        alias = self.database.stem
        if alias.lower() in _RESERVED:
            alias = f"model_{alias}"
        with here.attached(self.database, alias, read_only=True), here.using(alias):
            yield here

    def describe(self, model: Model) -> tuple[Column, ...]:
        """Return the model's columns in order. Raises `ModelError`."""
        with self._opened() as here, _explained(model):
            rows = here.connection.execute(
                f"DESCRIBE SELECT * FROM {relation(model)} AS model_rows"
            ).fetchall()
            # Of views and queries DuckDB tells what their tables say: wrong behind an outer join.
            is_told = _is_stored(here, model)
        return tuple(
            Column(row[0], row[1], is_nullable=row[2] != "NO" if is_told else None) for row in rows
        )

    def is_base_table(self, model: Model) -> bool:
        """Say whether the model is a stored table; views and queries are evaluated once."""
        with self._opened() as here:
            return _is_stored(here, model)

    def sample(
        self, model: Model, key: Column, columns: Sequence[Column], *, limit: int, only: str | None
    ) -> pa.RecordBatch:
        """Return rows as a plan holds them: record_id, fingerprint, and columns cast as c0, c1."""
        text = self.dialect.key_text(key)
        casts = "".join(
            f", {self.dialect.wire(column)} AS c{index}" for index, column in enumerate(columns)
        )
        where = "" if only is None else f" WHERE {text} = {self.dialect.literal(only)}"
        statement = (
            f"SELECT coalesce({text}, '') AS record_id, "
            f"{self.dialect.fingerprint(columns)} AS fingerprint{casts} "
            f"FROM {relation(model)} AS model_rows{where} LIMIT {int(limit)}"
        )
        with self._opened() as here, _explained(model):
            table = here.connection.sql(statement).to_arrow_table()
        batches = table.combine_chunks().to_batches()
        return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)

    def state(self, destination: str, mapping: str) -> "DuckDBState":
        """Return the state store of one sync."""
        folder = state_home(self.database) / destination
        return DuckDBState(self, folder / f"{mapping}.duckdb", f"{destination}/{mapping}")

    def installation(self) -> "DuckDBState":
        """Return the store of what all syncs of this installation share."""
        path = state_home(self.database) / "installation.duckdb"
        return DuckDBState(self, path, "the installation", _SHARED_ALIAS)

    def relation(self, model: Model) -> str:
        """Return the SQL of what the model selects from: its table as written, or its query."""
        return relation(model)


class DuckDBState:
    """One state file, its lock file beside it. DuckDB can't write two files in one transaction."""

    def __init__(
        self, warehouse: DuckDBWarehouse, path: Path, sync: str, alias: str = _STATE_ALIAS
    ) -> None:
        self._warehouse, self._sync, self._alias = warehouse, sync, alias
        self.path = path
        self.location = str(path)
        self.prefix = f"{alias}."

    def exists(self) -> bool:
        """Say whether anything was ever recorded."""
        return self.path.is_file()

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StateError(
                f"the state folder {self.path.parent} can't be made: {error}"
            ) from error

    @contextmanager
    def session(self) -> Iterator[DuckDBSession]:
        """Attach the state file for one read or write."""
        self._make_folder()
        here = engine()
        with here.attached(self.path, self._alias, read_only=False), here.using(self._alias):
            yield DuckDBSession(here, self.location)

    def freeze(self, statement: str, model: Model) -> None:
        """Run a statement that writes here and reads the model: one statement, one snapshot.

        State tables are named with `prefix`; the model's own file is current, so that
        `main.orders` means what it means to its owner.
        """
        with self.session(), self._warehouse._opened() as here, _explained(model):  # noqa: SLF001 - one adapter
            here.connection.execute(statement)

    def marks(self) -> SqliteMarks:
        """Return the marks of the sync's open plan, in a file beside the state."""
        self._make_folder()
        return SqliteMarks(self.path.with_suffix(".marks"))

    def lease(self, holder: str) -> AbstractContextManager[str]:
        """Hold the sync's lease and yield its token. Raises `Busy`, naming the holder."""
        self._make_folder()
        return duckdb_lease.hold(self.path.with_suffix(".lock"), self._sync, holder)


def _is_stored(here: Engine, model: Model) -> bool:
    """Look the model's table up in the catalog of the file that is current."""
    if model.table is None:
        return False
    parts = [quoted.replace('""', '"') or bare for quoted, bare in _NAME_PART.findall(model.table)]
    name, *homes = reversed(parts)
    rows = here.connection.execute(
        "SELECT lower(database_name), lower(schema_name) FROM duckdb_tables() "
        "WHERE database_name = current_database() AND lower(table_name) = lower(?)",
        [name],
    ).fetchall()
    wanted = [home.lower() for home in homes] or ["main"]
    return any(
        wanted in ([schema], [schema, database], *([[database]] if schema == "main" else []))
        for database, schema in rows
    )


def relation(model: Model) -> str:
    """Return the SQL of what the model selects from: its table as written, or its query.

    A query may end with semicolons and comments. Raises `ModelError` where it isn't one SELECT.
    """
    if model.query is None:
        assert model.table is not None  # noqa: S101 - declarations hold exactly one of the two
        return model.table
    here = engine()
    try:
        with here.lock:
            found = here.connection.extract_statements(model.query)
    except duckdb.Error as error:
        raise ModelError(
            f"model {model.key} can't be read: its query is no SQL: {first_line(str(error))}"
        ) from error
    if len(found) != 1 or found[0].type != duckdb.StatementType.SELECT:
        raise ModelError(f"model {model.key} can't be read: its query must be one SELECT statement")
    return f"(\n{_without_end(model.query)}\n)"


def _without_end(query: str) -> str:
    """Cut the semicolons that end a statement; only comments and blanks may follow them."""
    kinds = duckdb.token_type
    tokens = [(at, kind) for at, kind in duckdb.tokenize(query) if kind != kinds.comment]
    encoded = query.encode()
    while tokens and encoded[tokens[-1][0] : tokens[-1][0] + 1] == b";":
        encoded = encoded[: tokens.pop()[0]]
    return encoded.decode()


@contextmanager
def _explained(model: Model) -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise StateError(
            f"model {model.key}: the plan needs more memory or temp space than there is: "
            f"{first_line(str(error))}. Nothing was sent; free some, or raise "
            "SEGMENT_ASSETS_DUCKDB_MEMORY, and run again"
        ) from error
    except duckdb.Error as error:
        if _is_of_storage(error):
            raise StateError(
                f"model {model.key}: the plan can't be written: {first_line(str(error))}. "
                "Nothing was sent; free some space and run again"
            ) from error
        raise ModelError(
            f"model {model.key} can't be read: {first_line(str(error))}. "
            "Check its table, query and columns; nothing was sent"
        ) from error


def _is_of_storage(error: duckdb.Error) -> bool:
    """Tell a full disk from a query that can't read its own files: both are IO errors."""
    if isinstance(error, duckdb.IOException):
        return "write" in str(error).lower() or "space" in str(error).lower()
    return isinstance(error, STORAGE_ERRORS)
