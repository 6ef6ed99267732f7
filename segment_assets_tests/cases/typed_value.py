"""Values of a case file -> cells: the type of column that each needs, and what is cast to it."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

#: The type of what arrives in a data frame instead of a table.
PANDAS: Final = "pandas"
_PLAIN: Final = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", str: "VARCHAR"}


class Cell(NamedTuple):
    """One value: a column type, and a parameter that is cast to it."""

    type: str
    value: Any


def read_cell(value: Any) -> Cell | None:
    """Read a plain or a typed value; None is null. Raises `KeyError` for an unknown type."""
    if value is None:
        return None
    if not isinstance(value, dict):
        return Cell(_PLAIN[type(value)], str(value))
    return _TYPED[value["$type"]](value)


def _integer(typed: Mapping[str, Any]) -> Cell:
    return Cell("BIGINT" if abs(int(typed["value"])) < 2**63 else "HUGEINT", typed["value"])


def _decimal(typed: Mapping[str, Any]) -> Cell:
    return Cell("DECIMAL", format(Decimal(typed["value"]), "f"))


def _timestamp(typed: Mapping[str, Any]) -> Cell:
    if typed.get("naive"):
        return Cell("TIMESTAMP", typed["value"])
    if "zone" not in typed:
        return Cell("TIMESTAMPTZ", typed["value"])
    zone = ZoneInfo(typed["zone"])
    local = datetime.fromisoformat(typed["value"]).replace(tzinfo=zone, fold=typed["fold"])
    return Cell("TIMESTAMPTZ", local.astimezone(UTC).isoformat())


def _list(typed: Mapping[str, Any]) -> Cell:
    items = [read_cell(item) for item in typed["value"]]
    # Integers among doubles are doubles, as a warehouse has it: of these names the last one.
    kind = max(item.type for item in items if item)
    return Cell(f"{kind}[]", [item and item.value for item in items])


_TYPED: Final[dict[str, Callable[[Mapping[str, Any]], Cell]]] = {
    "int": _integer,
    "float": lambda typed: Cell("DOUBLE", typed["value"]),
    "decimal": _decimal,
    "exact_number": _decimal,
    "timestamp": _timestamp,
    "date": lambda typed: Cell("DATE", typed["value"]),
    "uuid": lambda typed: Cell("UUID", typed["value"]),
    "bytes": lambda typed: Cell("BLOB", base64.b64decode(typed["value"])),
    "list": _list,
    "json": lambda typed: Cell("JSON", json.dumps(typed["value"])),
    "json_text_object": lambda typed: Cell("JSON", typed["value"]),
    "repeat": lambda typed: Cell("VARCHAR", typed["value"] * typed["times"]),
    "pandas_na": lambda _: Cell(PANDAS, pd.NA),
    "nat": lambda _: Cell(PANDAS, pd.NaT),
    "numpy_int64": lambda typed: Cell(PANDAS, int(typed["value"])),
    "numpy_bool": lambda typed: Cell(PANDAS, typed["value"]),
}
