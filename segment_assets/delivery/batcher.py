"""Calls -> batches: greedy, in order, cut on Arrow offsets without one Python object per call."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segment_assets.handoff import SeqRange

#: A chunk of a lane: `seq` int64 in rising order, `payload` binary; null = not to be sent.
Chunk = tuple[pa.Array, pa.BinaryArray]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Batch:
    """Calls of one POST: `seq` int64 and `calls` binary without nulls, of equal length.

    `is_tainted`: a larger batch that held these calls may have been taken, and its intent stands.
    """

    seq: pa.Array
    calls: pa.BinaryArray
    is_tainted: bool = False

    def __len__(self) -> int:
        return len(self.calls)

    @property
    def range(self) -> SeqRange:
        """The sequence numbers from the first call to the last, unsent rows between included."""
        return SeqRange(self.seq[0].as_py(), self.seq[-1].as_py())

    @property
    def size(self) -> int:
        """Bytes of the calls and of the commas between them."""
        return int(_ends(self.calls)[-1]) - 1

    def joined(self) -> pa.Buffer:
        """Return the calls with commas between them."""
        bounds = pa.array([0, len(self)], pa.int32())
        return pc.binary_join(pa.ListArray.from_arrays(bounds, self.calls), b",")[0].as_buffer()

    def part(self, start: int, stop: int, *, is_tainted: bool) -> "Batch":
        """Return some of the calls as a batch of their own."""
        length = stop - start
        return Batch(self.seq.slice(start, length), self.calls.slice(start, length), is_tainted)


def _ends(calls: pa.BinaryArray) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return, for 0 to n calls, how many bytes they take with a comma after each."""
    width = np.dtype(np.int32)
    offsets = np.frombuffer(
        calls.buffers()[1], width, len(calls) + 1, calls.offset * width.itemsize
    ).astype(np.int64)
    ends: np.ndarray[tuple[int], np.dtype[np.int64]] = (
        offsets - offsets[0] + np.arange(len(offsets))
    )
    return ends


def cut(batch: Batch, max_bytes: int, max_calls: int) -> list[Batch]:
    """Cut calls into batches of up to `max_bytes` with commas and `max_calls`, at least one call.

    A call that is longer than `max_bytes` stands alone.
    """
    ends = _ends(batch.calls)
    parts = []
    start = 0
    while start < len(batch):
        fitting = int(np.searchsorted(ends, ends[start] + max_bytes + 1, side="right")) - 1
        stop = max(start + 1, min(fitting, start + max_calls))
        parts.append(batch.part(start, stop, is_tainted=batch.is_tainted))
        start = stop
    return parts


def halve(batch: Batch, *, is_tainted: bool) -> list[Batch]:
    """Split a batch of two or more calls in two."""
    middle = len(batch) // 2
    return [
        batch.part(0, middle, is_tainted=is_tainted),
        batch.part(middle, len(batch), is_tainted=is_tainted),
    ]


def batches(chunks: Iterator[Chunk], limits: Callable[[], tuple[int, int]]) -> Iterator[Batch]:
    """Yield the batches of one lane. `limits` gives (bytes, calls) and is asked for each chunk.

    Rows without a payload are left out; what doesn't fill a batch is joined to the next chunk.
    """
    rest: Batch | None = None
    for seq, payload in chunks:
        found = _sendable(seq, payload, rest)
        if len(found) == 0:
            continue
        *full, rest = cut(found, *limits())
        yield from full
    if rest is not None:
        yield rest


def _sendable(seq: pa.Array, payload: pa.BinaryArray, rest: Batch | None) -> Batch:
    if payload.null_count:
        is_sent = payload.is_valid()
        seq, payload = seq.filter(is_sent), payload.filter(is_sent)
    if rest is not None:
        seq = pa.concat_arrays([rest.seq, seq])
        payload = pa.concat_arrays([rest.calls, payload])
    return Batch(seq, payload)
