"""YAML files -> documents whose every value knows its file and line."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from segment_assets.declare.locator import Locator, shown_path
from segment_assets.declare.mistakes import Mistake, Mistakes, masked, shown
from segment_assets.declare.node_reader import NodeReader
from segment_assets.declare.scalar import Loader
from segment_assets.declare.spec import Position

_KEYS: Final = ("type", "attributes")


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its `type` as written, and its attributes as plain values.

    `locate` gives the position of anything below `attributes`, `locate_document` of the rest.
    """

    path: Path
    type: Any
    attributes: dict[str, Any]
    locate: Locator = field(repr=False, compare=False)
    locate_document: Locator = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. `is_whole` is False where a file or a document had to be left out."""

    documents: tuple[Document, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    is_whole: bool = True


def yaml_files(folder: Path) -> list[Path]:
    """Return all `*.yaml` and `*.yml` below a folder, in order; hidden folders are passed by."""
    found = [path for path in folder.rglob("*.y*ml") if path.suffix in {".yaml", ".yml"}]
    visible = (
        path
        for path in found
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    return sorted(path for path in visible if path.is_file())


def read_folder(folder: Path) -> Reading:
    """Read every YAML file below a folder. Never raises for what a file holds."""
    return _join(read_file(path) for path in yaml_files(folder))


def read_file(path: Path) -> Reading:
    """Read one file of any number of documents. Never raises for what the file holds."""
    file = shown_path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _unread(file, 1, f"is not UTF-8 text (byte {error.start + 1}); save it as UTF-8")
    except OSError as error:
        return _unread(file, 1, f"can't be read: {error.strerror}; check that it may be read")
    readings: list[Reading] = []
    try:
        for node in yaml.compose_all(text, Loader=Loader):
            readings.append(_read_document(node, path))  # noqa: PERF401 # keeps those before an error
    except yaml.YAMLError as error:
        readings.append(_unread(file, _line_of(error, text), _syntax(error)))
    except RecursionError:
        readings.append(_unread(file, 1, "is nested too deeply to be read; write it flatter"))
    return _join(readings)


def _join(readings: Iterable[Reading]) -> Reading:
    kept = list(readings)
    return Reading(
        tuple(document for reading in kept for document in reading.documents),
        tuple(mistake for reading in kept for mistake in reading.mistakes),
        all(reading.is_whole for reading in kept),
    )


def _unread(file: str, line: int, sentence: str) -> Reading:
    return Reading(
        (), (Mistake("", "", f"this file {sentence}", Position(file, line)),), is_whole=False
    )


def _line_of(error: yaml.YAMLError, text: str) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        return int(mark.line) + 1
    at = getattr(error, "position", None)
    return text.count("\n", 0, at) + 1 if isinstance(at, int) else 1


def _syntax(error: yaml.YAMLError) -> str:
    """Tell a syntax error without quoting the line: it may hold a key."""
    if isinstance(error, yaml.MarkedYAMLError):
        told = ", ".join(str(part) for part in (error.context, error.problem) if part)
    else:
        told = str(getattr(error, "reason", "unreadable characters"))
    return f"is not valid YAML: {masked(told)}; check indentation, colons and quotes here"


def _read_document(node: yaml.Node | None, path: Path) -> Reading:
    """Turn one composed document into plain values; an empty document is nothing."""
    if node is None or (isinstance(node, yaml.ScalarNode) and node.value == ""):
        return Reading()
    file = shown_path(path)
    reader, locate = NodeReader(), Locator(node, file)
    values = reader.value(node, ())
    top = Mistakes({}, locate)
    if not isinstance(values, dict):
        top.add((), f"found {shown(values)}; a document is an object with `type` and `attributes`")
        return Reading((), tuple(top.found), is_whole=False)
    attributes = values.get("attributes")
    inner = Mistakes(attributes if isinstance(attributes, dict) else {}, locate.below("attributes"))
    for where, line, sentence in reader.notes:
        is_inner = where[:1] == ("attributes",)
        noted = inner if is_inner else top
        noted.add(where[1:] if is_inner else where, sentence, Position(file, line))
    for key in values:
        if key not in _KEYS:
            top.add((key,), "is not known here; a document has `type` and `attributes` only; "
                    "move it below `attributes` or remove it")  # fmt: skip
    if not isinstance(attributes, dict):
        found = "is missing" if attributes is None else f"found {shown(attributes)}"
        top.add(
            ("attributes",), f"{found}; it is an object; `segment-assets schema` tells its keys"
        )
        return Reading((), (*top.found, *inner.found), is_whole=False)
    document = Document(path, values.get("type"), attributes, locate.below("attributes"), locate)
    return Reading((document,), (*top.found, *inner.found))
