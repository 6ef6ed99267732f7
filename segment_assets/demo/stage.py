"""The demo's folder: a fresh shop, its declarations, and state that belongs to no one else."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from segment_assets.demo.declarations import write_declarations
from segment_assets.demo.shop import make_shop
from segment_assets.emulator.server import Emulator
from segment_assets.errors import UserError

_MARK: Final = ".segment_assets_demo"
KEY_VARIABLE: Final = "SEGMENT_WRITE_KEY"


@contextmanager
def running_emulator(key: str, port: int = 0) -> Iterator[Emulator]:
    """Run an emulator that knows one key for the time of the block; port 0 is any free one.

    Raises `UserError` for a port that can't be had.
    """
    emulator = Emulator(write_keys={key}, port=port)
    try:
        emulator.start()
    except OSError as error:
        raise UserError(
            f"port {port} can't be had for the emulator ({error.strerror}): "
            "stop what listens there, or name another with --emulator-port"
        ) from error
    try:
        yield emulator
    finally:
        emulator.stop()


@dataclass(frozen=True, slots=True)
class Stage:
    """What was made: the folder of declarations, the shop's file and its rows by table."""

    defs: Path
    shop: Path
    rows: Mapping[str, int]


def set_stage(folder: Path, *, endpoint: str, key: str, is_small: bool = False) -> Stage:
    """Make the folder anew and point this process at it.

    Raises `UserError` for a folder that holds something the demo didn't make, or that can't be
    made.
    """
    defs, shop = folder / "defs", folder / "shop.duckdb"
    try:
        _clear(folder)
        rows = make_shop(shop, is_small=is_small)
        write_declarations(defs, endpoint=endpoint, database=shop)
    except OSError as error:
        raise UserError(
            f"{folder} can't be made ({error.strerror}): name another --folder"
        ) from error
    os.environ["SEGMENT_ASSETS_DEFS"] = str(defs)
    # The state belongs beside the shop, where every later command looks for it too.
    os.environ.pop("SEGMENT_ASSETS_HOME", None)
    os.environ[KEY_VARIABLE] = key
    return Stage(defs, shop, rows)


def _clear(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise UserError(
                f"{folder} holds files that the demo didn't make: name another --folder"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()
