"""Take the marker of a missing value out of what a directive made."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final

from segment_assets.handoff import MISSING
from segment_assets.mapping.contents import JSON_TYPES, SCALARS, contents_of
from segment_assets.mapping.nodes import map_values

_WHOLE_TYPES: Final = JSON_TYPES | {Decimal}


def pruned_values(values: Sequence[Any], *, in_lists: bool = True) -> Sequence[Any]:
    """Prune each value of a column; faults pass. A column without `MISSING` stays itself."""
    contents = contents_of(values)
    if contents is not None and contents.types <= _WHOLE_TYPES:
        return values
    return map_values(partial(pruned, in_lists=in_lists), values)


def pruned(value: Any, *, in_lists: bool = True) -> Any:
    """Leave `MISSING` out of objects and make it null in lists; a value without stays itself."""
    if _is_whole(value):
        return value
    if isinstance(value, dict):
        parts = {name: pruned(item, in_lists=in_lists) for name, item in value.items()}
        return {name: item for name, item in parts.items() if item is not MISSING}
    if isinstance(value, list):
        items = [pruned(item, in_lists=in_lists) for item in value]
        return [None if item is MISSING else item for item in items] if in_lists else items
    return value


def _is_whole(value: Any) -> bool:
    """Say whether there is no `MISSING` inside. Most values are: this costs little, a copy much."""
    kind = type(value)
    if kind is dict:
        inner = value.values()
    elif kind is list:
        inner = value
    else:
        return value is not MISSING and not isinstance(value, dict | list)
    return all(type(item) in SCALARS or _is_whole(item) for item in inner)
