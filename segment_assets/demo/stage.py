"""The demo's folder: a fresh shop, its declarations, and state that belongs to no one else."""

import os
import shutil
from pathlib import Path
from typing import Final

from segment_assets.demo.declarations import write_declarations
from segment_assets.demo.shop import make_shop
from segment_assets.errors import UserError

_MARK: Final = ".segment_assets_demo"
KEY_VARIABLE: Final = "SEGMENT_WRITE_KEY"


def set_stage(folder: Path, *, endpoint: str, key: str) -> Path:
    """Make the folder anew and point this process at it; return the declarations' folder.

    Raises `UserError` for a folder that holds something the demo didn't make.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise UserError(
                f"{folder} holds files that the demo didn't make: name another --folder"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()
    make_shop(folder / "shop.duckdb")
    write_declarations(folder / "defs", endpoint=endpoint, database=folder / "shop.duckdb")
    os.environ["SEGMENT_ASSETS_DEFS"] = str(folder / "defs")
    # The state belongs beside the shop, where every later command looks for it too.
    os.environ.pop("SEGMENT_ASSETS_HOME", None)
    os.environ[KEY_VARIABLE] = key
    return folder / "defs"
