"""Batches: greedy, in order, nothing lost, inside every limit, exact to the byte."""

from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment_assets.delivery.batcher import Batch, batches, cut, halve
from segment_assets.delivery.envelope import Envelope, iso_instant
from segment_assets.wire import MAX_BATCH_BYTES, MAX_BATCH_CALLS


def chunks_of(rows: list[bytes | None], chunk: int) -> list[tuple[pa.Array, pa.BinaryArray]]:
    """Hand rows out in chunks, as slices of a larger array, which have offsets of their own."""
    seq, payload = pa.array(range(7, 7 + len(rows)), pa.int64()), pa.array(rows, pa.binary())
    return [(seq.slice(i, chunk), payload.slice(i, chunk)) for i in range(0, len(rows), chunk)]


def cut_all(rows: list[bytes | None], chunk: int, max_bytes: int, max_calls: int) -> list[Batch]:
    """Cut rows into batches."""
    return list(batches(iter(chunks_of(rows, chunk)), lambda: (max_bytes, max_calls)))


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(st.none() | st.binary(min_size=1, max_size=40), max_size=60),
    chunk=st.integers(1, 17),
    max_bytes=st.integers(1, 120),
    max_calls=st.integers(1, 9),
)
def test_batching_keeps_order_loses_nothing_and_breaks_no_limit(
    rows: list[bytes | None], chunk: int, max_bytes: int, max_calls: int
) -> None:
    """Whatever the rows, chunks and limits, the batches are the rows in order, inside limits."""
    found = cut_all(rows, chunk, max_bytes, max_calls)

    calls = [call.as_py() for batch in found for call in batch.calls]
    assert calls == [row for row in rows if row is not None]
    for batch in found:
        assert bytes(batch.joined()) == b",".join(batch.calls.to_pylist())
        assert batch.size == len(batch.joined())
        assert len(batch) <= max_calls
        assert len(batch) == 1 or batch.size <= max_bytes
    covered = [(batch.range.first, batch.range.last) for batch in found]
    assert all(first <= last for first, last in covered)
    assert all(one[1] < two[0] for one, two in pairwise(covered))
    sent = {7 + place for place, row in enumerate(rows) if row is not None}
    assert sent <= {seq for first, last in covered for seq in range(first, last + 1)}


@settings(deadline=None)
@given(rows=st.lists(st.binary(min_size=1, max_size=9), min_size=1, max_size=40))
def test_batches_are_greedy(rows: list[bytes]) -> None:
    """No call that follows a batch would have fitted into it."""
    found = cut_all(rows, 7, 30, 6)

    for one, two in pairwise(found):
        first = len(two.calls[0].as_py())
        assert len(one) == 6 or one.size + 1 + first > 30


@pytest.mark.parametrize("spare", [0, 1], ids=["fits-exactly", "one-byte-too-many"])
def test_the_byte_limit_is_exact_and_includes_the_envelope(spare: int) -> None:
    """A body of 500,000 bytes is one batch, one of 500,001 bytes is two."""
    envelope = Envelope("key")
    room = MAX_BATCH_BYTES - envelope.size
    rows = [b"x" * 20_000] * (room // 20_001)
    rows.append(b"y" * (room - sum(len(row) + 1 for row in rows) + spare))

    found = cut_all(rows, 1_000, room, MAX_BATCH_CALLS)

    assert len(found) == 1 + spare
    bodies = [envelope.wrap(batch.joined(), 1.8e9) for batch in found]
    assert max(map(len, bodies)) <= MAX_BATCH_BYTES
    assert len(bodies[0]) == MAX_BATCH_BYTES or spare


@pytest.mark.parametrize(("calls", "lengths"), [(2_500, [2_500]), (2_501, [2_500, 1])])
def test_the_call_limit_is_exact(calls: int, lengths: list[int]) -> None:
    """2,500 calls are one batch, 2,501 are two."""
    found = cut_all([b"{}"] * calls, 999, 499_000, MAX_BATCH_CALLS)

    assert [len(batch) for batch in found] == lengths


def test_a_call_longer_than_the_limit_stands_alone() -> None:
    """A call that no batch can hold is not lost and takes no other call with it."""
    found = cut_all([b"a", b"b" * 99, b"c"], 10, 20, 9)

    assert [batch.calls.to_pylist() for batch in found] == [[b"a"], [b"b" * 99], [b"c"]]


def test_halves_keep_order_and_ranges() -> None:
    """Halving splits calls and sequence numbers at the same place."""
    (batch,) = cut_all([b"a", None, b"b", b"c"], 10, 99, 9)

    left, right = halve(batch, is_tainted=True)

    assert (left.range.first, left.range.last, right.range.first, right.range.last) == (7, 7, 9, 10)
    assert left.calls.to_pylist() + right.calls.to_pylist() == [b"a", b"b", b"c"]
    assert left.is_tainted


def test_cutting_again_by_a_lower_limit_loses_nothing() -> None:
    """A batch that is cut again under a lower limit gives the same calls in the same order."""
    (batch,) = cut_all([b"%d" % n for n in range(50)], 10, 999, 99)

    parts = cut(batch, 10, 99)

    assert [call for part in parts for call in part.calls] == list(batch.calls)
    assert all(part.size <= 10 for part in parts)


def test_sent_at_has_a_constant_length() -> None:
    """The envelope's size doesn't depend on the instant, or a full body could break the limit."""
    assert {len(iso_instant(second)) for second in (0.0, 1.5, 1.8e9, 1.8e9 + 1e-7)} == {24}
    assert iso_instant(1_800_000_000.1239) == "2027-01-15T08:00:00.123Z"
