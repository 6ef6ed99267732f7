"""Checked columns -> calls, each a dict of JSON-ready values, in the wire form of its action."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from segment_assets.contract.coercion import MappedField
from segment_assets.fields import ALWAYS_SENT
from segment_assets.handoff import Action

Box = list[dict[str, Any]]
_MEMBERS = "*"


def build_calls(
    action: Action,
    mapped: Sequence[MappedField],
    length: int,
    integrations: Mapping[str, Any] | None,
) -> Box:
    """Build one call per row, also of rows that are to be rejected.

    Work goes by column: per field one tight loop. The order of keys depends on the field table
    alone, never on neighbouring rows, so a row's bytes are the same in every chunk.
    """
    writes = [(*_split(path), item.values) for item in mapped for path in item.field.wire[action]]
    left = Counter(parent for parent, _, _ in writes)
    boxes: dict[str, Box] = {"": [{"type": action} for _ in range(length)]}
    for parent, leaf, values in writes:
        left[parent] -= 1
        if leaf == _MEMBERS:
            _merge(boxes, parent, values, is_last=not left[parent])
        else:
            _put(_box(boxes, parent, length), leaf, values)
    for path in ALWAYS_SENT[action]:
        _box(boxes, path, length)
    # Children first: `context.traits` goes into `context` before that goes into the call.
    for path in sorted(boxes, key=lambda path: (-path.count("."), path)):
        if path:
            parent, name = _split(path)
            _put(boxes[parent], name, boxes[path])
    if integrations is not None:
        _put(boxes[""], "integrations", [integrations] * length)
    return boxes[""]


def _split(path: str) -> tuple[str, str]:
    parent, _, leaf = path.rpartition(".")
    return parent, leaf


def _box(boxes: dict[str, Box], path: str, length: int) -> Box:
    if path not in boxes:
        boxes[path] = [{} for _ in range(length)]
    return boxes[path]


def _put(box: Box, name: str, values: Sequence[Any]) -> None:
    if None in values:
        for target, value in zip(box, values, strict=True):
            if value is not None:
                target[name] = value
        return
    for target, value in zip(box, values, strict=True):
        target[name] = value


def _merge(boxes: dict[str, Box], path: str, objects: Sequence[Any], *, is_last: bool) -> None:
    """Add the members of each object; a row's own object is used as it is if none follow."""
    if path not in boxes:
        boxes[path] = (
            [{} if o is None else o for o in objects]
            if is_last
            else [{} if o is None else dict(o) for o in objects]
        )
        return
    for target, members in zip(boxes[path], objects, strict=True):
        if members:
            target.update(members)
