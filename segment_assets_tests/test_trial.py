"""Test Mapping says what the next plan will do: compared with the plan that is then made."""

from pathlib import Path
from typing import Any

import pytest

from segment_assets.emulator.faults import Fault
from segment_assets.trial import try_mapping
from segment_assets_tests.shop_of_one import PATHS, Receiver, Shop

_ROWS = ((1, "ada@example.com", "pro"), (2, "bob@example.com", "free"), (None, "x", None))


def expected_of(shop: Shop) -> dict[str, str]:
    """Return what is expected of each record, by its key."""
    return {one["record_id"]: one["next_plan"]["op"] for one in results_of(shop)}


def results_of(shop: Shop) -> list[dict[str, Any]]:
    """Test the shop's mapping on all rows."""
    return try_mapping(shop.spec, shop.warehouse, limit=100)


def planned(shop: Shop, *ops: str) -> list[int]:
    """Plan and return some of the counts."""
    report = shop.plan()
    return [report.counts[op] for op in ops]


def test_a_record_that_was_never_planned_is_added(tmp_path: Path) -> None:
    """Without a ledger every row is added, and a row without a key is held."""
    shop = Shop(tmp_path, *_ROWS)

    assert expected_of(shop) == {"1": "added", "2": "added", "": "held"}
    assert not shop.state.exists()
    assert planned(shop, "added", "null_key") == [2, 1]


def test_a_changed_row_is_updated_and_the_others_are_unchanged(tmp_path: Path) -> None:
    """A fingerprint that differs is an update; a column that isn't mapped changes nothing."""
    shop = Shop(tmp_path, *_ROWS[:2])
    with Receiver() as receiver:
        shop.sync(receiver)
    shop.sql(
        "UPDATE people SET email = 'ada@new.example' WHERE id = 1", "UPDATE people SET plan = 'x'"
    )

    first, second = sorted(results_of(shop), key=lambda one: str(one["record_id"]))
    assert first["next_plan"] == {
        "op": "updated",
        "reason": "a column that the mapping reads changed since it was accepted",
    }
    assert first["envelope"]["event"] == "updated"
    assert second["next_plan"] == {
        "op": "unchanged",
        "reason": "what the mapping reads is as it was when last accepted",
    }
    assert planned(shop, "updated", "unchanged") == [1, 1]


def test_a_rejected_row_waits_until_it_changes(tmp_path: Path) -> None:
    """A record that the contract refused is planned again only after a change."""
    shop = Shop(tmp_path, (1, "a", None))
    shop.change(fields={**PATHS, "user_id": "null"})
    with Receiver() as receiver:
        shop.sync(receiver)
    assert expected_of(shop) == {"1": "waiting"}
    assert "placeholder_id" in {one["code"] for one in results_of(shop)[0]["rejected"]}

    shop.change(fields=PATHS)
    assert expected_of(shop) == {"1": "added"}
    assert planned(shop, "added", "waiting") == [1, 0]


def test_an_uncertain_row_is_sent_again_under_its_op(tmp_path: Path) -> None:
    """After a 503 to the end, the same row keeps its op and its id."""
    shop = Shop(tmp_path, *_ROWS[:1])
    with Receiver() as receiver:
        receiver.faults.add(Fault(status=503, times=None))
        shop.sync(receiver)
    (result,) = results_of(shop)

    assert result["next_plan"] == {
        "op": "added",
        "reason": "its last call is uncertain: it is sent again under the same messageId",
    }
    assert planned(shop, "added") == [1]


def test_what_when_and_trigger_leave_out_is_unselected(tmp_path: Path) -> None:
    """`when` and the trigger select records, and the forecast says which of them does not."""
    shop = Shop(tmp_path, *_ROWS[:2])
    shop.change(when=frozenset({"updated"}))
    assert [one["next_plan"]["reason"] for one in results_of(shop)] == [
        "the ledger doesn't know this record; `when` doesn't select added records"
    ] * 2
    assert planned(shop, "unselected") == [2]

    shop.change(when=frozenset({"added", "updated"}), trigger='properties.plan = "pro"')
    shop.insert((3, "eve@example.com", "pro"), (4, "dan@example.com", "free"))
    forecast = expected_of(shop)
    assert (forecast["3"], forecast["4"]) == ("added", "unselected")


def test_a_mapping_that_reads_other_columns_can_not_be_compared(tmp_path: Path) -> None:
    """The fingerprints are over other columns: the plan will tell, and nothing is guessed."""
    shop = Shop(tmp_path, *_ROWS[:1])
    with Receiver() as receiver:
        shop.sync(receiver)
    shop.change(fields={"user_id": {"@path": "$.id"}, "traits": {"plan": {"@path": "$.plan"}}})

    assert expected_of(shop) == {"1": "unknown"}


def test_a_key_on_rows_of_other_content_is_held(tmp_path: Path) -> None:
    """Rows that share a key and differ are held, as the plan holds them."""
    shop = Shop(tmp_path, (1, "a", None), (1, "b", None))

    assert expected_of(shop) == {"1": "held"}
    assert planned(shop, "duplicate_key") == [2]


@pytest.mark.parametrize("mask", [(), ("email", "name")], ids=["exact", "masked"])
def test_what_the_mapping_sees_and_makes(tmp_path: Path, mask: tuple[str, ...]) -> None:
    """The event, the fields and the call are shown as they are, or with personal values hidden."""
    shop = Shop(tmp_path, *_ROWS[:1])
    shop.change(fields={**PATHS, "locale": {"@path": "$.plan"}})
    (result,) = try_mapping(shop.spec, shop.warehouse, mask=mask)
    email = "•••" if mask else "ada@example.com"

    assert result["envelope"] == {
        "type": "identify", "event": "new", "__segment_id": "1", "messageId": "test-mapping",
        "properties": {"id": 1, "email": email, "plan": "pro"},
    }  # fmt: skip
    assert result["fields"] == {"user_id": 1, "traits": {"email": email}, "locale": "pro"}
    assert result["call"]["traits"] == {"email": email}
