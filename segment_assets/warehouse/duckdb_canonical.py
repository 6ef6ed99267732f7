"""DuckDB: SQL text that is equal for equal values, whatever the column's type.

It is what fingerprints are made of, so a change here changes them all: `FORM_VERSION` goes up
with any such change. A number of any type has one form (3, 3.0 and 3.00 are `3`), an instant is
epoch microseconds whatever the session's zone, objects don't depend on the order of their keys.
"""

from collections.abc import Callable
from typing import Final

from segment_assets.warehouse.data_type import DataType

FORM_VERSION: Final = "v1"
#: JSON numbers that a normalising parser may round, or that overflow it. Such documents are
#: compared by their text: at worst a record is sent once more, never is a change missed.
_FRAGILE_JSON: Final = r"(^|[:\[,\s])-?([0-9]{16}|[0-9.]{17}|[0-9.]+[eE][+-]?[0-9]{3})"
#: These cast to text as they are, also inside lists.
_PLAIN: Final = frozenset({
    "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
    "UINTEGER", "UBIGINT", "UHUGEINT", "BIGNUM", "DATE", "TIME", "TIME_NS",
    "TIME WITH TIME ZONE", "INTERVAL", "UUID", "ENUM", "BIT", "NULL",
})  # fmt: skip


def canonical(sql: str, data_type: DataType, depth: int = 0) -> str:
    """Return a text expression: null for null, else equal exactly for equal values.

    `depth` counts the lambdas around the expression, so that their variables differ.
    """
    if data_type.name == "VARCHAR":
        return sql
    special = _SPECIAL.get(data_type.name)
    if special is not None:
        return special(sql, data_type)
    if data_type.parts:
        return f"CAST(to_json({_nested(sql, data_type, depth)}) AS VARCHAR)"
    return text(sql)


def text(sql: str) -> str:
    """Return the engine's own text of a value."""
    return f"CAST({sql} AS VARCHAR)"


def quote(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """Write a text literal. Backslashes are plain in DuckDB's literals."""
    return "'" + value.replace("'", "''") + "'"


def extract(sql: str, data_type: DataType, label: str) -> str:
    """Return a field of a STRUCT or TUPLE, or a member of a UNION."""
    if data_type.name == "UNION":
        return f"union_extract({sql}, {literal(label)})"
    return f"struct_extract({sql}, {label if data_type.name == 'TUPLE' else literal(label)})"


def _decimal(sql: str, data_type: DataType) -> str:
    width, scale = data_type.parameters
    if scale == "0":
        return text(sql)
    digits = text(sql)
    if width == scale:  # prints `.50`, where every other type prints `0.50`
        digits = rf"regexp_replace({digits}, '^(-?)\.', '\10.')"
    return rf"regexp_replace({digits}, '\.?0+$', '')"


def _double(sql: str, _: DataType | None = None) -> str:
    """Print shortest digits without an exponent from 1e-20 to 1e38: as integers and decimals do."""
    small = rf"regexp_replace(CAST(CAST({text(sql)} AS DECIMAL(38,37)) AS VARCHAR), '\.?0+$', '')"
    return (
        f"CASE WHEN {sql} = trunc({sql}) AND abs({sql}) < 1e15"
        f" THEN CAST(CAST({sql} AS BIGINT) AS VARCHAR)"
        f" WHEN abs({sql}) >= 1e-4 AND abs({sql}) < 1e15 THEN {text(sql)}"
        f" WHEN isnan({sql}) THEN 'NaN'"
        f" WHEN {sql} = trunc({sql}) AND abs({sql}) < 1e38"
        f" THEN CAST(CAST({sql} AS HUGEINT) AS VARCHAR)"
        f" WHEN abs({sql}) >= 1e-20 AND abs({sql}) < 1e-4 THEN {small}"
        f" ELSE {text(sql)} END"
    )


def _float(sql: str, _: DataType) -> str:
    """Print a 32-bit float as the double of its shortest text: 0.1 is `0.1`, as on the wire."""
    return _double(f"CAST({text(sql)} AS DOUBLE)")


def _instant(sql: str, data_type: DataType) -> str:
    """Print epoch microseconds; infinities, which have none, by their text."""
    if data_type.name in {"TIMESTAMP_S", "TIMESTAMP_MS"}:
        micros = f"epoch_us(TRY_CAST({sql} AS TIMESTAMP))"
    else:
        micros = f"epoch_us({sql})"
    return f"COALESCE(CAST({micros} AS VARCHAR), {text(sql)})"


def _nano_instant(sql: str, _: DataType) -> str:
    """Print epoch microseconds, with the nanoseconds behind a point where there are some."""
    nanos = f"epoch_ns({sql})"
    return (
        f"CASE WHEN {nanos} % 1000 = 0 THEN CAST({nanos} // 1000 AS VARCHAR)"
        f" ELSE COALESCE({nanos} // 1000 || '.' || {nanos} % 1000, {text(sql)}) END"
    )


def _json(sql: str, _: DataType | None = None) -> str:
    source = text(sql)
    return (
        f"CASE WHEN regexp_matches({source}, {literal(_FRAGILE_JSON)}) THEN {source}"
        f" ELSE COALESCE(CAST(TRY(json_normalize({source})) AS VARCHAR), {source}) END"
    )


def _nested(sql: str, data_type: DataType, depth: int) -> str:
    """Return a value of texts, lists and structs that `to_json` prints the same in any session."""
    if not data_type.parts:
        return canonical(sql, data_type, depth)
    name, parts = data_type.name, data_type.parts
    if name in {"LIST", "ARRAY"}:
        return _list(sql, data_type.item, depth)
    if name == "MAP":
        variable = f"e{depth}"
        (_, key), (_, value) = parts
        entry = (
            f"struct_pack(k := {canonical(f'{variable}.key', key, depth + 1)},"
            f" v := {_nested(f'{variable}.value', value, depth + 1)})"
        )
        return f"list_sort(list_transform(map_entries({sql}), lambda {variable}: {entry}))"
    # Two members of a UNION may have the same text; the tag tells them apart.
    fields = {"": f"union_tag({sql})"} if name == "UNION" else {}
    for label, part in sorted(parts):
        fields[label] = _nested(extract(sql, data_type, label), part, depth)
    packed = ", ".join(f"{quote(label or 'tag of union')} := {v}" for label, v in fields.items())
    return f"CASE WHEN {sql} IS NOT NULL THEN struct_pack({packed}) END"


def _list(sql: str, item: DataType, depth: int) -> str:
    if item.name == "VARCHAR":
        return sql
    if item.name in _PLAIN:
        return f"CAST({sql} AS VARCHAR[])"
    variable = f"e{depth}"
    return f"list_transform({sql}, lambda {variable}: {_nested(variable, item, depth + 1)})"


_SPECIAL: Final[dict[str, Callable[[str, DataType], str]]] = {
    "DECIMAL": _decimal,
    "DOUBLE": _double,
    "FLOAT": _float,
    "TIMESTAMP": _instant,
    "TIMESTAMP_S": _instant,
    "TIMESTAMP_MS": _instant,
    "TIMESTAMP WITH TIME ZONE": _instant,
    "TIMESTAMP_NS": _nano_instant,
    "TIMESTAMPTZ_NS": _nano_instant,
    "BLOB": lambda sql, _: f"lower(hex({sql}))",
    "JSON": _json,
    "VARIANT": lambda sql, _: _json(f"CAST({sql} AS JSON)"),
    "GEOMETRY": lambda sql, _: f"lower(hex(ST_AsWKB({sql})))",
}
