"""What the emulator remembers: deduplication, the newest calls, counts, many threads."""

import threading
from typing import Any, Protocol

import httpx

from segment_assets.emulator import CallRecord, Emulator, RequestRecord, Store

DAY = 86_400.0


class Clock(Protocol):
    """The fake clock of conftest.py."""

    now: float

    def __call__(self) -> float:
        """Return epoch seconds."""


def page(message_id: str | None, **more: Any) -> dict[str, Any]:
    """Return a valid page call."""
    return {"type": "page", "userId": "u", "messageId": message_id, **more}


def test_a_message_id_is_taken_once_in_24_hours(clock: Clock) -> None:
    """A repeat is a duplicate until 24 hours after the first, and a new call from then on."""
    store = Store(clock=clock)
    store.take_calls([page("m1"), page("m1")])
    clock.now += DAY - 0.001
    store.take_calls([page("m1")])
    assert (store.counts()["accepted"], store.counts()["duplicates"]) == (1, 2)

    clock.now += 0.001
    store.take_calls([page("m1")])

    assert (store.counts()["accepted"], store.counts()["duplicates"]) == (2, 2)


def test_ids_older_than_24_hours_are_freed(clock: Clock) -> None:
    """The set of ids holds the last 24 hours only, whatever came before."""
    store = Store(clock=clock)
    store.take_calls([page("old")])
    clock.now += DAY / 2
    store.take_calls([page("young")])
    clock.now += DAY / 2

    assert store.message_ids() == ["young"]
    assert store.counts()["distinct_message_ids"] == 1


def test_deduplication_knows_no_source_or_type(clock: Clock) -> None:
    """As at Segment, one id is one call, even for another type and user."""
    store = Store(clock=clock)

    store.take_calls([page("m1"), {"type": "identify", "userId": "v", "messageId": "m1"}])

    assert store.counts()["duplicates"] == 1


def test_a_dropped_call_does_not_use_up_its_id(clock: Clock) -> None:
    """An id of a dropped call is free for the mended call."""
    store = Store(clock=clock)

    store.take_calls([page("m1", userId=None), page("m1")])

    assert (store.counts()["dropped"], store.counts()["accepted"]) == (1, 1)


def test_a_call_without_an_id_gets_a_fresh_one_each_time(clock: Clock) -> None:
    """Without a messageId of the sender a retry is a second call."""
    store = Store(clock=clock)

    store.take_calls([page(None), page(None), page("")])

    ids = store.message_ids()
    assert len(ids) == len(set(ids)) == 3
    assert all(message_id.startswith("api-") for message_id in ids)


def test_the_newest_calls_are_kept_and_trouble_does_not_scroll_away(clock: Clock) -> None:
    """Calls come newest first, up to the limit; dropped ones outlive a long run of good ones."""
    store = Store(clock=clock, keep_calls=3)
    store.take_calls([page("bad", userId=None), *(page(f"m{n}") for n in range(10)), page("m9")])

    kept = store.calls()

    assert [(r.number, r.outcome) for r in kept] == [
        (12, "duplicate"),
        (11, "accepted"),
        (10, "accepted"),
        (9, "accepted"),
        (1, "dropped"),
    ]
    assert kept[-1] == CallRecord(
        1, clock.now, "page", "bad", "dropped", "missing_id", page("bad", userId=None)
    )


def test_kept_calls_are_found_by_type_outcome_and_number(clock: Clock) -> None:
    """Filters narrow the newest calls, and `since` gives what came after a known one."""
    store = Store(clock=clock)
    store.take_calls(
        [page("a"), {"type": "identify", "userId": "u", "messageId": "b"}, page("a"), page("c")]
    )

    assert [r.message_id for r in store.calls(kind="page", outcome="accepted")] == ["c", "a"]
    assert [r.number for r in store.calls(since=2)] == [4, 3]
    assert [r.number for r in store.calls(limit=1)] == [4]


def test_a_reset_forgets_everything(clock: Clock) -> None:
    """After a reset the same id is taken again and a reader can tell that it is a new run."""
    store = Store(clock=clock)
    store.take_calls([page("m1")])
    store.note_request(RequestRecord(clock.now, "POST", "/v1/batch", 200))
    run = store.run

    store.reset()

    assert store.run != run
    assert store.calls() == store.requests() == store.message_ids() == []
    store.take_calls([page("m1")])
    assert store.counts()["accepted"] == 1


def test_requests_are_numbered_and_the_newest_are_kept(clock: Clock) -> None:
    """The request log is bounded and in order; its counts go on."""
    store = Store(clock=clock, keep_requests=2)
    for status in (200, 400, 200):
        store.note_request(RequestRecord(clock.now, "POST", "/v1/batch", status))

    assert [(r.number, r.status) for r in store.requests()] == [(2, 400), (3, 200)]
    assert [r.number for r in store.requests(limit=1)] == [3]
    assert store.counts()["requests_by_status"] == {"200": 2, "400": 1}


def test_many_threads_lose_no_count(clock: Clock) -> None:
    """Writers and readers side by side leave the buckets adding up."""
    store = Store(clock=clock)

    def write(writer: int) -> None:
        for batch in range(50):
            own = [page(f"{writer}-{batch}-{n}") for n in range(10)]
            store.take_calls([*own, page(f"shared-{batch}"), page("x", userId=None)])
            store.counts()
            store.calls(limit=5)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counts = store.counts()
    assert counts["received"] == 4 * 50 * 12
    assert counts["received"] == counts["accepted"] + counts["duplicates"] + counts["dropped"]
    assert (counts["accepted"], counts["dropped"]) == (4 * 50 * 10 + 50, 200)


def test_four_connections_at_once_are_all_counted(api: httpx.Client, emulator: Emulator) -> None:
    """Senders on their own connections reach one store, and each id is accepted once."""

    def send(lane: int) -> None:
        with httpx.Client(base_url=emulator.url, auth=("demo-key", "")) as client:
            for batch in range(10):
                calls = [page(f"{lane}-{batch}-{n}") for n in range(50)]
                client.post("/v1/batch", json={"batch": calls}).raise_for_status()

    lanes = [threading.Thread(target=send, args=(lane,)) for lane in range(4)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()

    assert emulator.store.counts()["accepted"] == 2_000
    listed = api.get("/_emulator/message_ids").text.splitlines()
    assert len(set(listed)) == 2_000
