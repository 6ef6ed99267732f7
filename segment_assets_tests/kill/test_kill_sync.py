"""kill -9 in the middle of a sync, then the same command at once: nothing lost, nothing changed."""

import os
import time
from pathlib import Path

import pytest

from segment_assets_tests.kill.music_shop import (
    CSV_VARIABLE,
    LANES,
    Shop,
    by_message_id,
    kill_in_the_middle,
    posted,
    rude_emulator,
)


def _check_round(
    folder: Path, *, first_posts: int, seconds: float, with_pools: bool = False
) -> None:
    """Kill a sync after some posts were answered, run it again, and account for every order."""
    with rude_emulator(first_posts, latency_seconds=1.5) as emulator:
        shop = Shop.open(folder, emulator, with_pools=with_pools)
        kill_in_the_middle(shop.start(), emulator, first_posts, seconds)
        emulator.faults.clear()
        began = time.monotonic()
        results = shop.sync()
        took = time.monotonic() - began
        time.sleep(1.6)  # the posts that were in flight are answered by now, to nobody
        posts = posted(emulator)
        counts = emulator.store.counts()

    forms = by_message_id(posts)
    twice = {name for name, sent in forms.items() if len(sent) > 1}
    print(
        f"killed {seconds:g} s after {first_posts} posts: {len(posts)} posts in all, "
        f"{len(twice)} calls sent twice, second command {took:.1f} s"
    )
    orders = {call["properties"]["order_id"] for batch in posts for call in batch}
    assert orders == shop.orders()
    assert len(forms) == len(orders) == counts["accepted"]
    assert counts["dropped"] == 0
    assert set(forms) == shop.accepted_ids()
    assert all(len(set(sent)) == 1 and len(sent) <= 2 for sent in forms.values())
    # What was answered before the kill is not sent again, but for the answers that were on their
    # way: at most one batch of each lane was in flight.
    repeated = [batch for batch in posts if any(call["messageId"] in twice for call in batch)]
    assert len(repeated) <= 2 * LANES
    for report in (report for result in results for report in result["syncs"]):
        assert report["counts"]["planned"] == report["counts"]["accepted"]
        assert len(report["law"]) == 3


def test_killed_sync_goes_on_with_the_same_ids(tmp_path: Path) -> None:
    """Killed while batches wait for their answers: the same command then ends well."""
    _check_round(tmp_path / "shop", first_posts=2, seconds=0.3)


#: (posts that are answered before, seconds from then to the kill). The sample makes 4 posts.
_MOMENTS = (
    [(0, 0.5), (0, 2.0), (1, 0.0), (10, 0.3), (20, 1.0), (30, 0.02)]
    if CSV_VARIABLE in os.environ
    else [(0, 0.5), (0, 2.0), (1, 0.0), (2, 1.0), (3, 0.3), (3, 0.02)]
)


@pytest.mark.slow
@pytest.mark.parametrize("with_pools", [False, True], ids=["alone", "pools"])
@pytest.mark.parametrize(("first_posts", "seconds"), _MOMENTS)
def test_killed_at_any_moment(
    tmp_path: Path, first_posts: int, seconds: float, *, with_pools: bool
) -> None:
    """Wherever the kill falls, also where a destination's pool lets one run in at a time."""
    _check_round(tmp_path / "shop", first_posts=first_posts, seconds=seconds, with_pools=with_pools)
