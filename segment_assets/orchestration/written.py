"""The document behind a component, read as this package reads YAML: exact text, exact lines.

dg reads YAML 1.1, where `on` is true and `12:30` is 750, and gives no lines for nested values.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg

from segment_assets.declare.mistakes import raise_all
from segment_assets.declare.spec import Locate
from segment_assets.declare.yaml_reader import read_file

#: What dg lets a document have beside `type` and `attributes`.
_OF_DG = frozenset({"requirements", "post_processing", "template_vars_module"})


@dataclass(frozen=True, slots=True)
class Written:
    """One document: its folder, its attributes, and where each value stands."""

    folder: Path
    attributes: dict[str, Any]
    locate: Locate | None = field(repr=False, default=None)


def find_written(context: dg.ComponentLoadContext, name: str | None) -> Written:
    """Find the document of that name in the file that dg is loading.

    Without one (attributes that came from no file), only the folder is known. Raises
    `DeclarationError` for what dg doesn't see, such as a key that is written twice.
    """
    path = context.component_path.file_path
    folder = path.parent if path.is_file() else path
    tree = getattr(context.component_decl, "source_tree", None)
    if tree is None:
        return Written(folder, {})
    file = Path(tree.source_position_tree.position.filename)
    reading = read_file(file)
    raise_all(mistake for mistake in reading.mistakes if mistake.field not in _OF_DG)
    for document in reading.documents:
        if document.attributes.get("name") == name:
            return Written(file.parent, document.attributes, document.locate)
    return Written(folder, {})
