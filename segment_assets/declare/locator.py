"""Where a value stands in its file: positions are looked up only when there is one to tell."""

from pathlib import Path
from typing import Any

import yaml

from segment_assets.declare.mistakes import PathTuple
from segment_assets.declare.scalar import MERGE
from segment_assets.declare.spec import Position


def shown_path(path: Path) -> str:
    """Return a path for people: relative where it is below the current folder."""
    full = path.absolute()
    try:
        return full.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return full.as_posix()


class Locator:
    """Called with a path of keys and indexes, gives the position of what is there.

    A path that leads nowhere gives the position of the nearest value above it: that is where a
    missing value belongs.
    """

    __slots__ = ("_file", "_line", "_node")

    def __init__(self, node: yaml.Node, file: str, line: int | None = None) -> None:
        self._node, self._file = node, file
        self._line = node.start_mark.line + 1 if line is None else line

    def __call__(self, path: PathTuple) -> Position:
        """Return the position of a value: its key's line, or its own in a list."""
        return Position(self._file, self._walk(path)[1])

    def below(self, *path: str | int) -> "Locator":
        """Return the locator of a value inside, whose paths start there."""
        node, line = self._walk(path)
        return Locator(node, self._file, line)

    def _walk(self, path: PathTuple) -> tuple[yaml.Node, int]:
        node, line = self._node, self._line
        for part in path:
            step = _step(node, part, set())
            if step is None:
                break
            node, line = step
        return node, line


def _step(node: yaml.Node, part: str | int, seen: set[int]) -> tuple[yaml.Node, int] | None:
    """Find a key or an index in one node; own keys before those that `<<` brings in."""
    if id(node) in seen:
        return None
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        at = int(part) if str(part).isdigit() else len(node.value)
        return (
            (node.value[at], node.value[at].start_mark.line + 1) if at < len(node.value) else None
        )
    if not isinstance(node, yaml.MappingNode):
        return None
    merges: list[Any] = []
    for key, value in node.value:
        if key.tag == MERGE:
            merges.extend(value.value if isinstance(value, yaml.SequenceNode) else [value])
        elif key.value == str(part):
            return value, key.start_mark.line + 1
    found = (_step(merge, part, seen) for merge in merges)
    return next((step for step in found if step is not None), None)
