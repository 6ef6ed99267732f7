"""How fast: calls per second of one write key, and the pause that a 429 puts on all its lanes."""

import threading

from segment_assets.delivery.regions import batch_url, is_loopback
from segment_assets.handoff import Connection

_DEFAULT_RATE = Connection(write_key="").events_per_second


def effective_rate(connection: Connection) -> float | None:
    """Return the calls per second to hold to; None is no limit.

    A loopback endpoint (emulator, test) has no limit unless one other than the default is set.
    """
    rate = connection.events_per_second
    if rate == _DEFAULT_RATE and is_loopback(batch_url(connection)):
        return None
    return rate


class TokenBucket:
    """Hands out start times so that no more than `rate` calls per second are begun on average.

    A batch is let go as a whole and its length is paid for afterwards: a bucket that had to hold
    2,500 tokens first would let none go at a rate below that. Unused time is not saved up.
    """

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._free_at = float("-inf")

    def reserve(self, calls: int, now: float) -> float:
        """Take a place in the line and return the moment at which it comes up."""
        if self._rate is None:
            return now
        with self._lock:
            start = max(now, self._free_at)
            self._free_at = start + calls / self._rate
            return start


class Pause:
    """The moment before which no lane of the key posts anything."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = float("-inf")

    @property
    def until(self) -> float:
        """The end of the pause, on the monotonic clock."""
        return self._until

    def extend(self, until: float) -> None:
        """Make the pause last at least until then."""
        with self._lock:
            self._until = max(self._until, until)
