"""What is allowed and will hurt: read from a declaration and the columns of its model.

A warning stops nothing. It has the form of a mistake: whose it is, where, and what to do.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from segment_assets.declare.mistakes import Mistake
from segment_assets.declare.reserved_traits import kind_of_type, reserved_kind
from segment_assets.declare.spec import MappingSpec
from segment_assets.handoff import Column
from segment_assets.mapping import Mapping as FieldMapping
from segment_assets.mapping.nodes import ColumnNode, Node, ObjectNode, PathNode
from segment_assets.mapping.path import Parts
from segment_assets.mapping.rows import ENVELOPE_NAMES

Path = tuple[str, ...]
_CONSENT_NAME: Final = re.compile(r"(^|_)(opt(ed)?_?(in|out)|consent(s|ed)?)(_|$)", re.IGNORECASE)


def warn_of_mapping(mapping: MappingSpec, columns: Sequence[Column] | None) -> list[Mistake]:
    """Return what will hurt in one mapping. `columns` are its model's, None where unknown."""
    reads = list(_plain_reads(mapping))
    found = [*_warn_of_timestamp(mapping), *_warn_of_equal_reads(mapping, reads)]
    if columns is not None:
        by_name = {column.name: column for column in columns}
        found += _warn_of_null_ids(mapping, reads, by_name)
        found += _warn_of_traits(mapping, reads, by_name)
    return found


def warn_of_consent(
    mappings: Sequence[MappingSpec], columns: Mapping[str, Sequence[Column]]
) -> list[Mistake]:
    """Return where the mappings of one destination forget consent. `columns` are by model key."""
    found: list[Mistake] = []
    mapped = [mapping.sync.name for mapping in mappings if "consent" in mapping.sync.fields]
    for mapping in mappings:
        names = _consent_columns(mapping, columns.get(mapping.source, ()))
        has_consent = mapping.sync.name in mapped
        if names:
            told = f"{mapping.source} has {', '.join(names)}, which no category of consent reads"
            todo = f"map consent: {{categoryPreferences: {{<category>: $.{names[0]}}}}}"
            path = ("fields", "consent") if has_consent else ("fields",)
            found.append(_warning(mapping, path, f"{told}; {todo}, if it is the user's choice"))
        elif mapped and not has_consent:
            others = ", ".join(mapped)
            told = f"no consent is mapped, while {others} of this destination "
            told += f"{'map' if len(mapped) > 1 else 'maps'} it: these calls go without the user's "
            told += "choices; map consent, if the model has it"
            found.append(_warning(mapping, ("fields",), told))
    return found


def _warning(mapping: MappingSpec, path: Path, sentence: str) -> Mistake:
    place = mapping.position if mapping.locate is None else mapping.locate(path)
    return Mistake(mapping.sync.full_name, ".".join(path), sentence, place)


def _plain_reads(mapping: MappingSpec) -> Iterator[tuple[Path, Parts]]:
    """Yield each field that reads one path and nothing else: (its path, the path that it reads).

    The path that is read starts with the name of a column.
    """
    fields = {key: value for key, value in mapping.sync.fields.items() if key in mapping.written}
    for key, node in FieldMapping.parse(fields).fields:
        yield from _leaves(("fields", key), node)


def _leaves(path: Path, node: Node) -> Iterator[tuple[Path, Parts]]:
    if isinstance(node, ObjectNode):
        for name, child in zip(node.names, node.children, strict=True):
            yield from _leaves((*path, name), child)
    elif isinstance(node, ColumnNode):
        yield path, (node.name,)
    elif isinstance(node, PathNode) and node.parts:
        parts = node.parts[1:] if node.parts[0] == "properties" else node.parts
        if parts and (len(parts) < len(node.parts) or parts[0] not in ENVELOPE_NAMES):
            yield path, parts


def _warn_of_timestamp(mapping: MappingSpec) -> Iterator[Mistake]:
    if mapping.sync.action == "track" and "timestamp" not in mapping.sync.fields:
        told = "no timestamp is mapped, so Segment dates every event at its arrival, old ones too"
        todo = "map timestamp to the column that says when it happened"
        yield _warning(mapping, ("fields",), f"{told}; {todo}")


def _warn_of_equal_reads(
    mapping: MappingSpec, reads: Sequence[tuple[Path, Parts]]
) -> Iterator[Mistake]:
    """Warn of two members of one object that read the same: the slip of copy and paste.

    One column in two objects (`location.city` and `address.city`) is meant.
    """
    first: dict[tuple[Path, Parts], Path] = {}
    for path, parts in reads:
        earlier = first.setdefault((path[:-1], parts), path)
        if earlier != path:
            other = ".".join(earlier)
            told = f"reads '{'.'.join(parts)}', as {other} does; correct it if one of them was "
            yield _warning(mapping, path, f"{told}meant to read another column")


def _warn_of_null_ids(
    mapping: MappingSpec, reads: Sequence[tuple[Path, Parts]], columns: Mapping[str, Column]
) -> Iterator[Mistake]:
    """Warn of a user id that can be null where nothing else tells who it is.

    A null primary key is held before its id is looked at.
    """
    if "anonymous_id" in mapping.sync.fields:
        return
    for path, parts in reads:
        column = columns.get(parts[0])
        is_key = parts == (mapping.sync.model.primary_key,)
        if path == ("fields", "user_id") and column and column.is_nullable and not is_key:
            told = f"reads {column.name}, which isn't NOT NULL: a row without it is rejected as "
            told += "missing_id; filter such rows in the model"
            todo = "" if mapping.sync.action == "alias" else ", or map anonymous_id as well"
            yield _warning(mapping, path, f"{told}{todo}")


def _warn_of_traits(
    mapping: MappingSpec, reads: Sequence[tuple[Path, Parts]], columns: Mapping[str, Column]
) -> Iterator[Mistake]:
    for path, parts in reads:
        is_trait = len(path) == 3 and path[1] == "traits"  # noqa: PLR2004 - fields.traits.<name>
        column = columns.get(parts[0])
        if not is_trait or column is None or len(parts) > 1:
            continue
        wanted = reserved_kind(mapping.sync.action, path[2])
        found = kind_of_type(column.type)
        if wanted is not None and found is not None and found != wanted:
            told = f"Segment's spec reserves {path[2]} for {wanted}, and {column.name} is "
            told += f"{column.type}: tools may ignore it; map {wanted}, or rename the trait"
            yield _warning(mapping, path, told)


def _consent_columns(mapping: MappingSpec, columns: Sequence[Column]) -> list[str]:
    """Return boolean columns that are called like a choice and that no category reads."""
    read: set[str] = set()
    consent = mapping.sync.fields.get("consent")
    if consent is not None:
        for _path, _directive, names in FieldMapping.parse({"consent": consent}).field_sources():
            if names is None:
                return []
            read.update(names)
    return [
        column.name
        for column in columns
        if column.type == "BOOLEAN"
        and column.name not in read
        and _CONSENT_NAME.search(column.name)
    ]
