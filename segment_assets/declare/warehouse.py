"""The attributes of a warehouse and of its models."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from segment_assets.declare.mistakes import Mistakes, PathTuple, shown
from segment_assets.declare.names import KEY_RULE, is_asset_key, read_name, read_timezone
from segment_assets.declare.query import one_statement
from segment_assets.declare.section import Section
from segment_assets.declare.spec import Locate, Position, WarehouseSpec
from segment_assets.handoff import Model

WAREHOUSE_KEYS: Final = ("name", "engine", "database", "dsn_env", "asset_specs", "models")
MODEL_KEYS: Final = ("key", "table", "query", "primary_key", "timezone")
ENGINES: Final = ("duckdb",)
#: Engines that people will ask for; they get another sentence than a slip of the pen.
_PLANNED: Final = ("postgres", "snowflake", "bigquery", "redshift", "databricks")
_SQL: Final = re.compile(r"\s*(select|with|from)\s", re.IGNORECASE)
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+]+:")


def read_warehouse(mistakes: Mistakes, base: Path) -> WarehouseSpec | None:
    """Read a warehouse as far as it can be; None without a name.

    `base` is where a relative database is. What has a mistake is left out: a model, or, where the
    engine isn't known, the database.
    """
    section = Section(mistakes.attributes, (), mistakes)
    section.refuse_unknown(WAREHOUSE_KEYS)
    name = read_name(section)
    is_known = _check_engine(section)
    database = _read_database(section, base)
    asset_specs = section.flag("asset_specs", default=True)
    models = _read_models(section)
    if name is None:
        return None
    return WarehouseSpec(
        name=name,
        engine="duckdb",
        models=tuple(models.values()),
        database=database if is_known else None,
        asset_specs=asset_specs,
        position=mistakes.position(()),
        locate=_locate_by_key(mistakes, {model.key: at for at, model in models.items()}),
    )


def _locate_by_key(mistakes: Mistakes, places: Mapping[str, int]) -> Locate | None:
    """Return positions where a model is named by its key, not by its place in the list."""
    if mistakes.locate is None:
        return None

    def locate(path: PathTuple) -> Position | None:
        at = places.get(str(path[1])) if len(path) > 1 and path[0] == "models" else None
        return mistakes.position(path if at is None else ("models", at, *path[2:]))

    return locate


def _check_engine(section: Section) -> bool:
    engine = section.values.get("engine")
    if isinstance(engine, str) and engine in _PLANNED:
        section.wrong("engine", "only duckdb is available now; allowed: duckdb")
    else:
        return section.choice("engine", ENGINES, required=True) is not None
    return False


def _read_database(section: Section, base: Path) -> Path | None:
    todo = "the path of the DuckDB file is required; write it, relative to this declaration"
    database = section.text("database", todo=todo)
    if section.has("dsn_env"):
        section.note("dsn_env", "is not for duckdb, which needs `database` only; remove it")
    if database is None:
        return None
    if _URL.match(database) and not Path(database).is_absolute():
        found = "':memory:'" if database == ":memory:" else "an address"
        section.note("database", f"found {found}; the path of a file is allowed; write one")
        return None
    return Path(os.path.abspath(base / Path(database).expanduser()))  # noqa: PTH100 # keeps links


def _read_models(section: Section) -> dict[int, Model]:
    """Return the models that can be read, each by its place in the list."""
    models: dict[int, Model] = {}
    seen: set[str] = set()
    for item in section.objects("models", what="models {key, table or query, primary_key}"):
        model = _read_model(item)
        key = item.values.get("key")
        if isinstance(key, str) and key in seen:
            item.note("key", f"{shown(key)} is the key of another model here; keys are unique; "
                             "rename one of them")  # fmt: skip
        elif isinstance(key, str):
            seen.add(key)
        if model is not None:
            models[int(item.path[-1])] = model
    return models


def _read_model(section: Section) -> Model | None:
    """Read a model; None where it can't be said which table or query it is."""
    section.refuse_unknown(MODEL_KEYS)
    key = section.text("key", todo=KEY_RULE)
    if key is not None and not is_asset_key(key):
        section.wrong("key", KEY_RULE)
    before = len(section.mistakes.found)
    table, query = _read_relation(section)
    is_readable = len(section.mistakes.found) == before
    primary_key = section.text(
        "primary_key", todo="the name of one column that is unique and never null is required"
    )
    timezone = read_timezone(section)
    if key is None or not is_readable:
        return None
    return Model(
        key=key, primary_key=primary_key or "", table=table, query=query, timezone=timezone
    )


def _read_relation(section: Section) -> tuple[str | None, str | None]:
    """Read `table` xor `query`."""
    if section.has("table") and section.has("query"):
        section.note("query", "found beside `table`; one of table and query is allowed; remove one")
    elif not section.has("table") and not section.has("query"):
        section.note("table", "is missing, and so is query; one of them is required; write one")
    table, query = section.text("table"), section.text("query")
    if table is not None and (";" in table or _SQL.match(table)):
        section.wrong("table", "the name of a table is allowed", "write SQL under `query`")
    if query is None:
        return table, None
    statement, problem = one_statement(query)
    if problem:
        section.note("query", problem)
    return table, statement
