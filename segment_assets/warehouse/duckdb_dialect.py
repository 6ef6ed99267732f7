"""DuckDB's SQL in a plan: quoting, keys, fingerprints, and the casts on the way to Python."""

from collections.abc import Callable, Sequence
from typing import Final

from segment_assets.handoff import Column
from segment_assets.warehouse.data_type import DataType, parse_type
from segment_assets.warehouse.duckdb_canonical import (
    FORM_VERSION,
    canonical,
    extract,
    literal,
    quote,
    text,
)

#: These reach Python unharmed as they are: dates and instants stay integers until `arrival`
#: writes them, so that infinities and years beyond 9999 can't break a batch.
_UNHARMED: Final = frozenset({
    "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER",
    "UBIGINT", "DOUBLE", "DECIMAL", "VARCHAR", "JSON", "BLOB", "DATE", "TIMESTAMP", "TIMESTAMP_S",
    "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS",
})  # fmt: skip
_HEX_DIGITS: Final = "0123456789abcdef"


class DuckDBDialect:
    """The `Dialect` of DuckDB 2. Column types are its own texts, as DESCRIBE gives them."""

    name = "duckdb"

    def quote(self, name: str) -> str:
        """Quote an identifier."""
        return quote(name)

    def literal(self, text: str) -> str:
        """Write a text literal."""
        return literal(text)

    def canonical(self, column: Column) -> str:
        """Return a text expression that is equal for equal values, whatever the column's type."""
        return canonical(quote(column.name), parse_type(column.type))

    def key_text(self, column: Column) -> str:
        """Return a text expression of a primary key: instants in ISO 8601, all else canonical text.

        A text key sheds its collation: with NOCASE, `a` and `A` would be one record from here on.
        """
        sql, data_type = quote(column.name), parse_type(column.type)
        if data_type.name == "VARCHAR":
            return f"decode(encode({sql}))"
        if data_type.name.startswith("TIMESTAMP"):
            return _iso_instant(sql, data_type)
        return canonical(sql, data_type)

    def fingerprint(self, columns: Sequence[Column]) -> str:
        """Return a text expression of a record's fingerprint: 64 lower-case hexadecimal digits.

        SHA-256 of `v1;` and each column as `bytes:text`, null as `-`: no two lists of values
        give the same text. Hexadecimal, as DuckDB's own `sha256` gives it: making a blob of it
        costs 8 % more time and saves 32 bytes a record.
        """
        parts = "".join(f", {_measured(self.canonical(column))}" for column in columns)
        return f"sha256(concat({literal(FORM_VERSION + ';')}{parts}))"

    def lane(self, texts: Sequence[str], lanes: int) -> str:
        """Return an integer expression, 0 to `lanes` - 1 (of at most 16), equal for equal texts."""
        parts = ", ".join(_measured(part) for part in texts)
        digit = f"instr('{_HEX_DIGITS}', left(md5(concat({parts})), 1)) - 1"
        return f"CAST(({digit}) % {lanes} AS INTEGER)"

    def message_id(self, expression: str) -> str:
        """Return a text expression of a messageId (64 hexadecimal digits) made from another."""
        return self.sha256(expression)

    def sha256(self, expression: str) -> str:
        """Return an expression of the hexadecimal SHA-256 of a text expression."""
        return f"sha256({expression})"

    def wire(self, column: Column) -> str:
        """Return an expression whose Arrow form loses nothing: `arrival` reads it by the type.

        Whole numbers wider than 64 bits, times, durations, bits and ENUMs become text, VARIANT
        and GEOMETRY JSON text, a MAP a list of (key text, value), a UNION or TUPLE a struct.
        """
        return _wire(quote(column.name), parse_type(column.type), 0)


def _measured(sql: str) -> str:
    """Return `bytes:text`, or `-` for null; `concat` skips the null text itself."""
    return f"COALESCE(strlen({sql}) || ':', '-'), {sql}"


def _iso_instant(sql: str, data_type: DataType) -> str:
    """Print an instant with milliseconds, or with all its digits where it has more."""
    if data_type.name in {"TIMESTAMP_NS", "TIMESTAMPTZ_NS"}:
        excess, full = f"epoch_ns({sql}) % 1000000", "%n"
    else:
        excess, full = f"epoch_us({sql}) % 1000", "%f"
    utc = f"{sql} AT TIME ZONE 'UTC'" if data_type.name in _WITH_ZONE else sql
    return (
        f"CASE WHEN {excess} = 0 THEN strftime({utc}, '%Y-%m-%dT%H:%M:%S.%gZ')"
        f" WHEN {excess} <> 0 THEN strftime({utc}, '%Y-%m-%dT%H:%M:%S.{full}Z')"
        f" ELSE {text(sql)} END"
    )


_WITH_ZONE: Final = frozenset({"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"})


def _wire(sql: str, data_type: DataType, depth: int) -> str:
    name = data_type.name
    if _is_unharmed(data_type):
        return sql
    special = _SPECIAL.get(name)
    if special is not None:
        return special(sql)
    if not data_type.parts:
        return text(sql)
    if name in {"LIST", "ARRAY"}:
        variable = f"e{depth}"
        item = _wire(variable, data_type.item, depth + 1)
        return f"list_transform({sql}, lambda {variable}: {item})"
    if name == "MAP":
        variable = f"e{depth}"
        (_, key), (_, value) = data_type.parts
        key_sql = (
            _iso_instant(f"{variable}.key", key)
            if key.name.startswith("TIMESTAMP")
            else canonical(f"{variable}.key", key, depth + 1)
        )
        value_sql = _wire(f"{variable}.value", value, depth + 1)
        entry = f"struct_pack(key := {key_sql}, value := {value_sql})"
        return f"list_transform(map_entries({sql}), lambda {variable}: {entry})"
    fields = ", ".join(
        f"{quote(label)} := {_wire(extract(sql, data_type, label), part, depth)}"
        for label, part in data_type.parts
    )
    return f"CASE WHEN {sql} IS NOT NULL THEN struct_pack({fields}) END"


def _is_unharmed(data_type: DataType) -> bool:
    if data_type.name in {"LIST", "ARRAY", "STRUCT"}:
        return all(_is_unharmed(part) for _, part in data_type.parts)
    return data_type.name in _UNHARMED


def _duration(sql: str) -> str:
    """Print an INTERVAL as an ISO 8601 duration; a part below zero has its own sign."""

    def part(unit: str, letter: str) -> str:
        amount = f"extract('{unit}' FROM {sql})"
        return f"CASE WHEN {amount} <> 0 THEN {amount} || '{letter}' END"

    micros = f"extract('microsecond' FROM {sql})"
    seconds = rf"regexp_replace(CAST({micros} AS DECIMAL(18,0)) * 0.000001 || '', '\.?0+$', '')"
    days = f"concat({part('year', 'Y')}, {part('month', 'M')}, {part('day', 'D')})"
    time = (
        f"concat({part('hour', 'H')}, {part('minute', 'M')},"
        f" CASE WHEN {micros} <> 0 THEN {seconds} || 'S' END)"
    )
    all_parts = f"concat('P', {days}, CASE WHEN {time} <> '' THEN 'T' || {time} END)"
    return f"CASE WHEN {sql} IS NOT NULL THEN COALESCE(NULLIF({all_parts}, 'P'), 'PT0S') END"


_SPECIAL: Final[dict[str, Callable[[str], str]]] = {
    # By way of the shortest text: 0.1 stays 0.1 instead of 0.10000000149011612.
    "FLOAT": lambda sql: f"CAST({text(sql)} AS DOUBLE)",
    "INTERVAL": _duration,
    # ISO 8601 offsets have minutes: 12:00:00+02 -> 12:00:00+02:00.
    "TIME WITH TIME ZONE": lambda sql: (
        rf"regexp_replace({text(sql)}, '([+-][0-9][0-9])$', '\1:00')"
    ),
    "VARIANT": lambda sql: f"CAST({sql} AS JSON)",
    "GEOMETRY": lambda sql: f"ST_AsGeoJSON({sql})",
}
