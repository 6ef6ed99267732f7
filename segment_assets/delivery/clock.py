"""Time as an argument: whatever waits or reads a clock is given one, so that tests need no time."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """What delivery needs of time. All values are seconds."""

    def now(self) -> float:
        """Return the wall clock: seconds since 1970 in UTC."""

    def monotonic(self) -> float:
        """Return a clock that is never set back; only differences mean anything."""

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Sleep for `seconds`, or until `event` is set."""


class SystemClock:
    """The clocks of this machine."""

    def now(self) -> float:
        """Return the wall clock."""
        return time.time()

    def monotonic(self) -> float:
        """Return the steady clock."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Sleep on the event."""
        event.wait(seconds)
