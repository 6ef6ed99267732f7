"""One in-memory DuckDB per process, to which files are attached for as long as they are needed.

Starting an instance costs 12 ms of CPU, attaching a file 2 ms; and a file that is attached keeps
other processes out. So the instance stays, and files come and go: a state file is never held
across HTTP, a model file never longer than one statement.
"""

import os
import random
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

import duckdb

from segment_assets.errors import Busy, ModelError, StateError

#: Memory for sorting, joining and caching; more spills to the temp folder.
MEMORY_LIMIT_VARIABLE: Final = "SEGMENT_ASSETS_DUCKDB_MEMORY"
DEFAULT_MEMORY_LIMIT: Final = "256MB"
#: How long to wait for a file that another process holds, in seconds.
LOCK_SECONDS_VARIABLE: Final = "SEGMENT_ASSETS_LOCK_SECONDS"
DEFAULT_LOCK_SECONDS: Final = 60.0
_RETRY_SECONDS: Final = (0.05, 0.1)


class Engine:
    """A process's DuckDB instance. `lock` serialises its use between threads."""

    def __init__(self) -> None:
        temp = Path(tempfile.gettempdir()) / f"segment_assets_duckdb_{os.getuid()}"
        temp.mkdir(exist_ok=True)
        self.lock = threading.RLock()
        self.connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": os.environ.get(MEMORY_LIMIT_VARIABLE, DEFAULT_MEMORY_LIMIT),
                "temp_directory": str(temp / str(os.getpid())),
                "autoinstall_known_extensions": False,
                # Whatever needs an order says so; keeping it for all doubles a plan's memory.
                "preserve_insertion_order": False,
                # A name in a query means a table, never a Python variable that happens to be near.
                "python_enable_replacements": False,
            },
        )
        self.connection.execute("SET timezone = 'UTC'")
        self._depth: dict[str, int] = {}
        self._current = "memory"

    @contextmanager
    def attached(self, path: Path, alias: str, *, read_only: bool) -> Iterator[None]:
        """Attach a file for the time of the block; re-entrant for the same alias and path.

        Raises `Busy` when another process holds the file until the deadline, `ModelError` when a
        read-only file can't be opened at all, `StateError` when a state file can't, or when what
        the block wrote can't reach the disk.
        """
        with self.lock:
            name = f"{alias}\0{path}"
            if not self._depth.get(name):
                self._attach(path, alias, read_only=read_only)
            self._depth[name] = self._depth.get(name, 0) + 1
            try:
                yield
            finally:
                self._depth[name] -= 1
                if not self._depth[name]:
                    self._detach(path, alias)

    @contextmanager
    def using(self, alias: str) -> Iterator[None]:
        """Make an attached database the current one for the time of the block."""
        previous, self._current = self._current, alias
        self.connection.execute(f"USE {quoted(alias)}")
        try:
            yield
        finally:
            self._current = previous
            self.connection.execute(f"USE {quoted(previous)}")

    def _detach(self, path: Path, alias: str) -> None:
        try:
            self.connection.execute(f"DETACH {quoted(alias)}")
        except duckdb.Error as error:  # the file is let go all the same; its log holds the rest
            raise StateError(unwritable(path, error)) from error

    def _attach(self, path: Path, alias: str, *, read_only: bool) -> None:
        option = " (READ_ONLY)" if read_only else ""
        text = str(path).replace("'", "''")
        statement = f"ATTACH '{text}' AS {quoted(alias)}{option}"
        seconds = float(os.environ.get(LOCK_SECONDS_VARIABLE, DEFAULT_LOCK_SECONDS))
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.connection.execute(statement)
            except duckdb.Error as error:
                if "Could not set lock" not in str(error):
                    raise _explain(path, error, read_only=read_only) from error
                if time.monotonic() >= deadline:
                    raise Busy(_held(path, str(error), seconds)) from error
                time.sleep(random.uniform(*_RETRY_SECONDS))  # noqa: S311 - jitter, not a secret
            else:
                return


def _held(path: Path, text: str, seconds: float) -> str:
    holder = re.search(r"PID (\d+)", text)
    who = f"process {holder.group(1)}" if holder else "another process"
    return (
        f"{path} is open for writing in {who}, and stayed so for {seconds:g} s. "
        "Close it there (a notebook, a dbt run, the duckdb shell?) and run again; nothing is lost"
    )


def _explain(path: Path, error: duckdb.Error, *, read_only: bool) -> Exception:
    text = str(error)
    if "already attached" in text or "different configuration" in text:
        return (ModelError if read_only else StateError)(
            f"{path} is open in this very process by another connection; close that connection "
            f"first (DuckDB gives a file to one instance per process)"
        )
    if read_only:
        return ModelError(f"{path} can't be opened as a DuckDB database: {first_line(text)}")
    return StateError(f"the state file {path} can't be opened: {first_line(text)}")


#: What DuckDB raises when a disk is full, a file can't be written, or memory runs out.
STORAGE_ERRORS: Final = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.TransactionException,
    duckdb.FatalException,
)


def unwritable(path: Path | str, error: duckdb.Error) -> str:
    """Return the sentence for a state file that can't be read or written."""
    return (
        f"the state {path} can't be read or written: {_cause(error)}. "
        "Free space or memory and run again: what was recorded stays"
    )


def _cause(error: duckdb.Error) -> str:
    """Return what an engine's message says last of several errors: that came first."""
    return first_line(str(error).rpartition("Original error:")[2])


def first_line(text: str) -> str:
    """Return the first line of an engine's message, without its exception class."""
    return text.strip().splitlines()[0] if text.strip() else "no message"


def quoted(name: str) -> str:
    """Quote an identifier for DuckDB."""
    return '"' + name.replace('"', '""') + '"'


@lru_cache(maxsize=2)
def _engine_of(_pid: int) -> Engine:
    return Engine()


def engine() -> Engine:
    """Return this process's engine. A forked child gets its own: DuckDB doesn't survive a fork."""
    return _engine_of(os.getpid())
