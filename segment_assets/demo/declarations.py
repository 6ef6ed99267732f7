"""The sample declarations, written where a demo or a trial needs them.

Their text exists once, in `segment_assets/defs`: here only the two values that depend on the
place are put in, so that what the demo runs is what a user reads and edits.
"""

import json
import re
from pathlib import Path
from typing import Final

from segment_assets.errors import DeclarationError

_PACKAGED: Final = Path(__file__).parent.parent / "defs"
_WAREHOUSE: Final = Path("shop/defs.yaml")
_DESTINATION: Final = Path("production/defs.yaml")


def write_declarations(folder: Path, *, endpoint: str | None, database: Path) -> None:
    """Write the sample's two YAML files below `folder`, replacing them.

    `endpoint` (`http://host:port`) stands in for the region's host; None leaves Segment's own.
    `database` is written as an absolute path. Raises `DeclarationError` where a packaged file
    was edited so that the line to fill in is gone or there twice.
    """
    _write(folder, _WAREHOUSE, "database", str(database.absolute()))
    _write(folder, _DESTINATION, "endpoint", endpoint)


def _write(folder: Path, name: Path, key: str, value: str | None) -> None:
    text = (_PACKAGED / name).read_text(encoding="utf-8")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if value is None else _set_line(text, key, value), encoding="utf-8")


def _set_line(text: str, key: str, value: str) -> str:
    """Set the one line of a key, which may stand there as a comment."""
    line = re.compile(rf"^( +)(?:# )?{key}: .*$", re.MULTILINE)
    written = json.dumps(value, ensure_ascii=False)  # a JSON text is a YAML text
    changed, count = line.subn(lambda found: f"{found[1]}{key}: {written}", text)
    if count != 1:
        found = f"found {count} lines `{key}:` in {_PACKAGED}; one is needed; restore the sample"
        raise DeclarationError([found])
    return changed
