"""What only the model's real columns can tell: unknown columns, a wrong primary key.

Loading opens no database, so this is for `check` and for the plan, which give the columns.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Final

from segment_assets.declare.mistakes import Mistake
from segment_assets.declare.spec import Locate, MappingSpec, Position
from segment_assets.handoff import Column, Model
from segment_assets.mapping import Mapping, Trigger
from segment_assets.mapping.nodes import Node, ObjectNode
from segment_assets.mapping.path import Parts
from segment_assets.mapping.rows import ENVELOPE_NAMES

#: A trigger that compares with these means the event's diff class, whatever columns there are.
_CLASS_VALUE: Final = re.compile(r"""["'](?:new|updated|deleted)["']""")


def check_key(
    model: Model, columns: Sequence[Column], locate: Locate | None = None
) -> list[Mistake]:
    """Return the mistake of a model whose primary key is no column. `locate` is its warehouse's."""
    names = [column.name for column in columns]
    if not model.primary_key or model.primary_key in names:
        return []
    told = f"the primary key '{model.primary_key}' is no column{_known(model.primary_key, names)}"
    place = None if locate is None else locate(("models", model.key, "primary_key"))
    sentence = f"{told}; correct primary_key of this model"
    return [Mistake(model.key, "primary_key", sentence, place)]


def check_columns(mapping_spec: MappingSpec, columns: Sequence[Column]) -> list[Mistake]:
    """Return the mistakes of a mapping against the columns of its model.

    Reports columns that the model doesn't have, and a path that means the envelope where the
    model has a column of that name too.
    """
    names = [column.name for column in columns]
    found: list[Mistake] = []
    for path, parts in _reads(mapping_spec):
        sentence = _problem(parts, names, mapping_spec, "$." if path[0] == "fields" else "")
        if sentence:
            position = _position(mapping_spec, path)
            owner = mapping_spec.sync.full_name
            found.append(Mistake(owner, ".".join(path), sentence, position))
    return list(dict.fromkeys(found))


def _position(spec: MappingSpec, path: tuple[str, ...]) -> Position | None:
    return spec.position if spec.locate is None else spec.locate(path)


def _reads(spec: MappingSpec) -> Iterable[tuple[tuple[str, ...], Parts]]:
    """Yield (path in the declaration, path in the envelope) of everything that is read."""
    written = {key: value for key, value in spec.sync.fields.items() if key in spec.written}
    for key, node in Mapping.parse(written).fields:
        yield from _leaves(("fields", key), node)
    if spec.sync.trigger is not None:
        is_class = _CLASS_VALUE.search(spec.sync.trigger) is not None
        for parts in sorted(Trigger.parse(spec.sync.trigger).node.paths()):
            if not (is_class and parts == ("event",)):
                yield ("trigger",), parts


def _leaves(path: tuple[str, ...], node: Node) -> Iterable[tuple[tuple[str, ...], Parts]]:
    if isinstance(node, ObjectNode):
        for name, child in zip(node.names, node.children, strict=True):
            yield from _leaves((*path, name), child)
    else:
        for parts in sorted(node.paths()):
            yield path, parts


def _problem(parts: Parts, names: list[str], spec: MappingSpec, root: str) -> str:
    """Return what is wrong with one path of the envelope, or nothing. `root` is how paths begin."""
    if not parts or parts == ("properties",):
        return ""
    column = parts[1] if parts[0] == "properties" else parts[0]
    if parts[0] in ENVELOPE_NAMES and parts[0] != "properties":
        if column not in names:
            return ""
        told = f"reads {root}{column}, which is the event's own {column}, while {spec.source} has"
        return f"{told} a column of that name; write {root}properties.{column} for the column"
    if column in names:
        return ""
    told = f"reads the column '{column}', which {spec.source} doesn't have{_known(column, names)}"
    return f"{told}; correct the name, or add the column to the model"


def _known(name: str, names: list[str]) -> str:
    """Return the nearest names, by letters whatever their case, or all of a few."""
    by_lower = {known.lower(): known for known in names}
    near = difflib.get_close_matches(name.lower(), list(by_lower), n=3, cutoff=0.6)
    if near:
        return f"; did you mean {' or '.join(repr(by_lower[match]) for match in near)}?"
    return f"; its columns: {', '.join(names)}"
