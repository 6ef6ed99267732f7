"""Reverse ETL on Dagster: rows of a warehouse table become calls of Segment's Tracking API.

The names below are loaded when they are first used: the core works without Dagster in memory, and
Dagster loads declarations without a database driver in memory.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segment_assets.orchestration.components import SegmentDestination, Warehouse
    from segment_assets.orchestration.resource import SegmentResource
    from segment_assets.preview import preview
    from segment_assets.sync import deliver_plan, plan_sync

__all__ = [
    "SegmentDestination",
    "SegmentResource",
    "Warehouse",
    "deliver_plan",
    "plan_sync",
    "preview",
]

_HOMES = {
    "SegmentDestination": "segment_assets.orchestration.components",
    "SegmentResource": "segment_assets.orchestration.resource",
    "Warehouse": "segment_assets.orchestration.components",
    "deliver_plan": "segment_assets.sync",
    "plan_sync": "segment_assets.sync",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """This package, whose `preview` is the function even after its module was imported.

    Importing a submodule sets it as an attribute of its package, and here the two share a name.
    """

    @property
    def preview(self) -> Any:
        return import_module("segment_assets.preview").preview

    @preview.setter
    def preview(self, module: ModuleType) -> None:
        """Leave the name to the function; the module stays in `sys.modules`."""


sys.modules[__name__].__class__ = _Package
