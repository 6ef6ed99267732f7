"""Scripted faults: what the API, or something on the way to it, does wrong, and how often."""

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, get_args

Kept = Literal["none", "half", "all"]
Target = Literal["calls", "settings"]
_LOWEST_STATUS, _HIGHEST_STATUS = 200, 599


@dataclass(frozen=True, slots=True)
class Fault:
    """One behaviour. With neither `status` nor `reset` the request is served, after the latency.

    status, headers, body -- the answer; a body is JSON unless `headers` has a Content-Type.
    latency_seconds -- waited before anything is stored or answered.
    reset -- the connection is reset and no status line is sent.
    store -- how much of the request is kept all the same ("half" = the first half of its calls).
    times -- how many requests it meets; None = all from then on.
    message_id -- only for requests that hold a call of that messageId.
    over_bytes -- only for requests of more bytes than this on the wire.
    on -- "calls" for the POST endpoints, "settings" for the key's settings.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    latency_seconds: float = 0.0
    reset: bool = False
    store: Kept = "none"
    times: int | None = 1
    message_id: str | None = None
    over_bytes: int | None = None
    on: Target = "calls"

    @property
    def takes_over(self) -> bool:
        """Whether the fault answers (or hangs up) in the API's place."""
        return self.reset or self.status is not None

    def share(self, calls: int) -> int:
        """Return how many of the request's first calls are kept."""
        return {"none": 0, "half": calls // 2, "all": calls}[self.store]

    def meets(self, on: str, wire_bytes: int, body: bytes) -> bool:
        """Say whether this fault is for the request at hand; `body` is the decoded one."""
        if on != self.on or (self.over_bytes is not None and wire_bytes <= self.over_bytes):
            return False
        if self.message_id is None:
            return True
        return json.dumps(self.message_id, ensure_ascii=False).encode() in body

    @classmethod
    def parse(cls, given: Any) -> "Fault":
        """Read one fault from its JSON form. Raises `ValueError` with a sentence to show."""
        if not isinstance(given, Mapping):
            raise ValueError(f"a fault must be a JSON object, not {type(given).__name__}")  # noqa: TRY004 -- one error type for a caller that answers 400
        names = {item.name for item in fields(cls)}
        if unknown := sorted(set(given) - names):
            allowed = ", ".join(sorted(names))
            raise ValueError(f"unknown name {', '.join(unknown)} in a fault; allowed: {allowed}")
        for name, is_right, want in _FORMS:
            if name in given and not is_right(given[name]):
                raise ValueError(f"{name} of a fault must be {want}")
        return cls(**given)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Any, lowest: int) -> bool:
    return value is None or (_is_number(value) and value == int(value) and value >= lowest)


def _is_status(value: Any) -> bool:
    return value is None or (_is_count(value, _LOWEST_STATUS) and value <= _HIGHEST_STATUS)


def _is_texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values())


_FORMS = (
    ("status", _is_status, "a number from 200 to 599, or null"),
    ("headers", _is_texts, "an object of texts"),
    ("body", lambda v: v is None or isinstance(v, str), "text or null"),
    ("latency_seconds", lambda v: _is_number(v) and v >= 0, "a number of seconds, 0 or more"),
    ("reset", lambda v: isinstance(v, bool), "true or false"),
    ("store", lambda v: v in get_args(Kept), "one of none, half, all"),
    ("times", lambda v: _is_count(v, 1), "a whole number of 1 or more, or null for always"),
    ("message_id", lambda v: v is None or isinstance(v, str), "text or null"),
    ("over_bytes", lambda v: _is_count(v, 0), "a whole number of bytes, or null"),
    ("on", lambda v: v in get_args(Target), "one of calls, settings"),
)


class FaultPlan:
    """An ordered script of faults. Each request meets the first that is for it. Thread-safe."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._queue: list[tuple[Fault, int | None]] = []
        self.add(*faults)

    def add(self, *faults: Fault) -> None:
        """Append faults to the script."""
        with self._lock:
            self._queue.extend((fault, fault.times) for fault in faults)

    def clear(self) -> None:
        """Forget every fault that is left."""
        with self._lock:
            self._queue.clear()

    def take(self, on: Target, *, wire_bytes: int = 0, body: bytes = b"") -> Fault | None:
        """Return the fault that this request meets, and count it as used once."""
        if not self._queue:
            return None
        with self._lock:
            for place, (fault, left) in enumerate(self._queue):
                if fault.meets(on, wire_bytes, body):
                    if left == 1:
                        del self._queue[place]
                    elif left is not None:
                        self._queue[place] = (fault, left - 1)
                    return fault
        return None

    def left(self) -> list[dict[str, Any]]:
        """Return what is left of the script, in JSON form, `times` counted down."""
        with self._lock:
            queue = list(self._queue)
        return [{**asdict(fault), "times": left} for fault, left in queue]
