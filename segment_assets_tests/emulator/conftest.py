"""One emulator on a real socket for each test file, emptied before each test."""

from collections.abc import Iterator

import httpx
import pytest

from segment_assets.emulator import Emulator


class FakeClock:
    """Epoch seconds that only move when told to."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        """Return the set time."""
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands still."""
    return FakeClock()


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    """Run one emulator for the tests of a file."""
    with Emulator(write_keys={"demo-key"}) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    """Return the running emulator, emptied."""
    running.store.reset()
    running.faults.clear()
    return running


@pytest.fixture
def api(emulator: Emulator) -> Iterator[httpx.Client]:
    """Open a client with the right key."""
    with httpx.Client(base_url=emulator.url, auth=("demo-key", ""), timeout=5) as client:
        yield client
