"""Composed YAML nodes -> plain values, with a note for whatever YAML would take silently."""

from collections.abc import Iterator
from typing import Any

import yaml

from segment_assets.declare.mistakes import PathTuple
from segment_assets.declare.scalar import MERGE, TAG, scalar_value


class NodeReader:
    """Reads one document. `notes` are (path, line, sentence).

    A node that aliases share is read once, so that no chain of aliases can fill the memory.
    """

    def __init__(self) -> None:
        self.notes: list[tuple[PathTuple, int, str]] = []
        self._done: dict[int, Any] = {}
        self._open: set[int] = set()

    def value(self, node: yaml.Node, path: PathTuple) -> Any:
        """Return the value of a node: text, number, boolean, None, list or dict."""
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        known = id(node)
        if known in self._done:
            return self._done[known]
        if known in self._open:
            self._note(node, path, "holds itself through an alias; write the value out")
            return None
        self._open.add(known)
        if isinstance(node, yaml.SequenceNode):
            self._check_tag(node, path, "seq")
            made: Any = [self.value(item, (*path, at)) for at, item in enumerate(node.value)]
        else:
            self._check_tag(node, path, "map")
            made = self._mapping(node, path)
        self._open.discard(known)
        self._done[known] = made
        return made

    def _scalar(self, node: yaml.ScalarNode, path: PathTuple) -> Any:
        try:
            return scalar_value(node.tag, node.value)
        except ValueError:
            self._refuse_tag(node, path)
            return node.value

    def _check_tag(self, node: yaml.Node, path: PathTuple, name: str) -> None:
        if node.tag != TAG + name:
            self._refuse_tag(node, path)

    def _refuse_tag(self, node: yaml.Node, path: PathTuple) -> None:
        tag = node.tag.replace(TAG, "!!")
        self._note(
            node, path, f"found the YAML tag {tag}, which is not read here; write a plain value"
        )

    def _mapping(self, node: yaml.Node, path: PathTuple) -> dict[str, Any]:
        """Read a mapping: keys are text as written, own keys come before those of `<<`."""
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._note(key_node, path, "found a list or an object as a key; keys are text")
                continue
            key, line = key_node.value, key_node.start_mark.line + 1
            if key_node.tag == MERGE:
                for values in self._merged(value_node, path):
                    merged = {**values, **merged}
            elif key in lines:
                told = f"appears twice, first on line {lines[key]}; a key is written once; keep one"
                self.notes.append(((*path, key), line, told))
            else:
                lines[key] = line
                own[key] = self.value(value_node, (*path, key))
        return {**merged, **own} if merged else own

    def _merged(self, node: yaml.Node, path: PathTuple) -> Iterator[dict[str, Any]]:
        for part in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            values = self.value(part, path)
            if isinstance(values, dict):
                yield values
            else:
                self._note(
                    part, path, "`<<` takes an object or a list of objects; correct the alias"
                )

    def _note(self, node: yaml.Node, path: PathTuple, sentence: str) -> None:
        self.notes.append((path, node.start_mark.line + 1, sentence))
