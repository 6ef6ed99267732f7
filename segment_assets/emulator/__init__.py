"""A local Tracking API with the real one's limits and bad manners, and a debugger page.

`Emulator` runs it in the background (tests, demo); `serve` is the blocking form of
`segment-assets emulate`. Nothing leaves the machine and nothing is written to disk.
"""

from segment_assets.emulator.app import build_app
from segment_assets.emulator.faults import Fault, FaultPlan
from segment_assets.emulator.server import Emulator, serve
from segment_assets.emulator.store import CallRecord, RequestRecord, Store

__all__ = [
    "CallRecord",
    "Emulator",
    "Fault",
    "FaultPlan",
    "RequestRecord",
    "Store",
    "build_app",
    "serve",
]
