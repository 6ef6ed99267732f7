"""The process's one DuckDB instance: files come and go, and nothing of one call stays behind."""

import threading
from pathlib import Path

import duckdb
import pytest

from segment_assets.errors import StateError
from segment_assets.warehouse.duckdb_engine import engine, quoted
from segment_assets.warehouse.duckdb_session import DuckDBSession


def test_a_file_is_let_go_when_its_block_ends(tmp_path: Path) -> None:
    """Another connection may write it at once."""
    path = tmp_path / "x.duckdb"
    with (
        engine().attached(path, "x", read_only=False),
        engine().attached(path, "x", read_only=False),
    ):
        pass

    with duckdb.connect(str(path)) as other:
        other.execute("CREATE TABLE t (i INTEGER)")


def test_a_block_that_raises_leaves_no_file_and_no_name_behind(tmp_path: Path) -> None:
    """The current database is what it was, and the file is free."""
    path = tmp_path / "x.duckdb"
    here = engine()
    with (
        pytest.raises(ZeroDivisionError),
        here.attached(path, "x", read_only=False),
        here.using("x"),
    ):
        raise ZeroDivisionError

    assert here.connection.execute("SELECT current_database()").fetchall() == [("memory",)]
    with here.attached(path, "x", read_only=False):
        pass


def test_a_transaction_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """What raised leaves nothing; the next one works."""
    here = engine()
    with here.attached(tmp_path / "x.duckdb", "x", read_only=False), here.using("x"):
        session = DuckDBSession(here, "x")
        session.execute("CREATE TABLE t (i INTEGER)")
        with pytest.raises(ZeroDivisionError):
            _insert_and_fail(session)
        with session.transaction():
            session.execute("INSERT INTO t VALUES (2)")
        assert session.fetch("SELECT * FROM t") == [(2,)]


def _insert_and_fail(session: DuckDBSession) -> None:
    with session.transaction():
        session.execute("INSERT INTO t VALUES (1)")
        raise ZeroDivisionError


def test_threads_take_turns(tmp_path: Path) -> None:
    """Each thread sees its own file as the current one."""
    here = engine()
    wrong: list[str] = []

    def work(name: str) -> None:
        for _ in range(20):
            with (
                here.attached(tmp_path / f"{name}.duckdb", name, read_only=False),
                here.using(name),
            ):
                found = here.connection.execute("SELECT current_database()").fetchall()
                if found != [(name,)]:
                    wrong.append(name)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_a_file_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The path is in the sentence."""
    path = tmp_path / "no" / "x.duckdb"
    with (
        pytest.raises(StateError, match="can't be opened"),
        engine().attached(path, "x", read_only=False),
    ):
        pass


def test_quotes_are_doubled() -> None:
    """A name can't end its own quotes."""
    assert quoted('a"b') == '"a""b"'
