"""What the API answers 200 to and drops all the same."""

import base64
from typing import Any

import httpx
import pytest

from segment_assets.emulator import Emulator
from segment_assets.emulator.rules import CALL_TYPES, DROP_REASONS, find_drop_reason

TRACK = {"type": "track", "userId": "ada", "event": "Order Completed"}


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (TRACK, None),
        ({"type": "identify", "anonymousId": "a1"}, None),
        ({"type": "identify", "userId": 0}, None),
        ({"type": "page", "userId": "ada"}, None),
        ({"type": "screen", "userId": "ada"}, None),
        ({"type": "group", "userId": "ada", "groupId": "acme"}, None),
        ({"type": "alias", "userId": "ada", "previousId": "a1"}, None),
        ({"userId": "ada"}, "missing_type"),
        ({"type": "import", "userId": "ada"}, "missing_type"),
        ({"type": ["track"], "userId": "ada"}, "missing_type"),
        ({"type": "identify"}, "missing_id"),
        ({"type": "identify", "userId": "", "anonymousId": None}, "missing_id"),
        ({"type": "identify", "userId": True}, "missing_id"),
        ({"type": "track", "userId": "ada"}, "missing_event"),
        ({"type": "track", "userId": "ada", "event": ""}, "missing_event"),
        ({"type": "track", "userId": "ada", "event": 7}, "missing_event"),
        ({"type": "group", "userId": "ada"}, "missing_group_id"),
        ({"type": "alias", "userId": "ada", "previousId": ""}, "missing_previous_id"),
        ({**TRACK, "messageId": "m" * 100}, None),
        ({**TRACK, "messageId": "m" * 101}, "message_id_too_long"),
    ],
)
def test_each_call_is_taken_or_dropped_for_one_reason(
    call: dict[str, Any], reason: str | None
) -> None:
    """A call that breaks a rule of the API has that rule's reason, any other has none."""
    assert find_drop_reason(call) == reason
    assert reason is None or reason in DROP_REASONS


def test_a_bad_call_is_dropped_and_its_neighbours_are_taken(
    api: httpx.Client, emulator: Emulator
) -> None:
    """The API answers 200 to a batch and drops only the calls that break a rule."""
    answer = api.post("/v1/batch", json={"batch": [TRACK, {"type": "identify"}, TRACK]})

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    counts = emulator.store.counts()
    assert (counts["received"], counts["accepted"], counts["dropped"]) == (3, 2, 1)
    assert counts["dropped_by_reason"] == {"missing_id": 1}


@pytest.mark.parametrize("kind", sorted(CALL_TYPES))
def test_each_type_has_its_own_endpoint(api: httpx.Client, emulator: Emulator, kind: str) -> None:
    """A call posted to its type's endpoint needs no type of its own."""
    call = {"userId": "ada", "event": "E", "groupId": "g", "previousId": "p", "messageId": kind}

    answer = api.post(f"/v1/{kind}", json=call)

    assert answer.status_code == 200
    assert emulator.store.counts()["accepted_by_type"] == {kind: 1}
    assert emulator.store.message_ids() == [kind]


@pytest.mark.parametrize(
    ("header", "body_key"),
    [
        (None, None),
        (("wrong", ""), None),
        (None, "wrong"),
        (None, 7),
        (("demo-key", ""), "wrong"),
        (("demo-key\n", ""), None),
        (("", ""), None),
    ],
)
def test_a_wrong_key_drops_everything_with_a_200(
    emulator: Emulator, header: tuple[str, str] | None, body_key: Any
) -> None:
    """A missing, unknown or contradictory key is no error to the sender, yet nothing is kept."""
    body = {"batch": [TRACK, TRACK], **({} if body_key is None else {"writeKey": body_key})}

    answer = httpx.post(f"{emulator.url}/v1/batch", json=body, auth=header)

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert emulator.store.counts()["dropped_by_reason"] == {"invalid_write_key": 2}
    assert emulator.store.message_ids() == []


@pytest.mark.parametrize("authorization", ["Basic %%%", "Basic ZGVtby1rZXk=", "Basic"])
def test_an_unreadable_basic_header_is_no_key(emulator: Emulator, authorization: str) -> None:
    """Text that isn't Base64, or holds no colon, doesn't pass for a key."""
    headers = {"authorization": authorization}

    httpx.post(f"{emulator.url}/v1/batch", json={"batch": [TRACK]}, headers=headers)

    assert emulator.store.counts()["dropped_by_reason"] == {"invalid_write_key": 1}


@pytest.mark.parametrize(
    "authorization", [None, "Bearer token", f"Basic {base64.b64encode(b'demo-key:').decode()}"]
)
def test_the_right_key_is_taken_from_header_or_body(
    emulator: Emulator, authorization: str | None
) -> None:
    """Basic, the body's writeKey, both, and a Bearer token with the body's key are all good."""
    headers = {} if authorization is None else {"authorization": authorization}
    body = {"batch": [TRACK], "writeKey": "demo-key"}

    httpx.post(f"{emulator.url}/v1/batch", json=body, headers=headers)

    assert emulator.store.counts()["accepted"] == 1


def test_without_a_list_of_keys_any_text_without_white_space_is_known() -> None:
    """The default emulator knows every key, but not an empty one or one with a line end."""
    with Emulator() as emulator:
        for key in ("anything", "", "k1\n", "two words"):
            httpx.post(f"{emulator.url}/v1/batch", json={"batch": [TRACK]}, auth=(key, ""))

        assert emulator.store.counts()["accepted"] == 1
        assert emulator.store.counts()["dropped_by_reason"] == {"invalid_write_key": 3}


@pytest.mark.parametrize(
    ("key", "status"), [("demo-key", 200), ("wrong", 404), ("demo-key%0A", 404)]
)
def test_the_key_is_proven_by_its_settings(emulator: Emulator, key: str, status: int) -> None:
    """The settings of a known key are there; those of any other key are not found."""
    answer = httpx.get(f"{emulator.url}/v1/projects/{key}/settings")

    assert answer.status_code == status
    assert key not in answer.text
    assert emulator.store.requests()[-1].path == "/v1/projects/***/settings"


def test_more_than_2500_calls_are_dropped_whole(api: httpx.Client, emulator: Emulator) -> None:
    """2,500 calls are taken; with one more the answer is the same 200 and nothing is kept."""
    tiny = [{"type": "page", "userId": "u", "messageId": f"m{n}"} for n in range(2_501)]

    assert api.post("/v1/batch", json={"batch": tiny}).status_code == 200
    assert emulator.store.counts()["dropped_by_reason"] == {"too_many_events": 2_501}

    assert api.post("/v1/batch", json={"batch": tiny[:2_500]}).status_code == 200
    assert emulator.store.counts()["accepted"] == 2_500
