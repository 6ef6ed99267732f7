"""Scripted faults, in Python and over HTTP."""

import time
from typing import Any

import httpx
import pytest

from segment_assets.emulator import Emulator, Fault, FaultPlan


def batch(*message_ids: str) -> dict[str, Any]:
    """Return a batch of valid page calls."""
    return {"batch": [{"type": "page", "userId": "u", "messageId": one} for one in message_ids]}


def test_faults_are_met_in_order_and_as_often_as_said(
    api: httpx.Client, emulator: Emulator
) -> None:
    """Each request meets the next fault of the script; then the API is itself again."""
    emulator.faults.add(Fault(status=429, headers={"Retry-After": "2"}, times=2), Fault(status=503))

    answers = [api.post("/v1/batch", json=batch("m1")) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [429, 429, 503, 200]
    assert answers[0].headers["retry-after"] == "2"
    assert emulator.store.counts()["accepted"] == 1
    assert emulator.store.counts()["requests_by_note"] == {"scripted_fault": 3}


def test_a_fault_without_an_answer_lets_one_request_pass(
    api: httpx.Client, emulator: Emulator
) -> None:
    """A plain entry of the script places the next fault at a later request."""
    emulator.faults.add(Fault(times=2), Fault(status=500))

    statuses = [api.post("/v1/batch", json=batch(f"m{n}")).status_code for n in range(4)]

    assert statuses == [200, 200, 500, 200]


def test_a_fault_for_always_stays_until_cleared(api: httpx.Client, emulator: Emulator) -> None:
    """`times` None never runs out."""
    emulator.faults.add(Fault(status=503, times=None))

    assert {api.post("/v1/batch", json=batch("m")).status_code for _ in range(5)} == {503}
    emulator.faults.clear()

    assert api.post("/v1/batch", json=batch("m")).status_code == 200


@pytest.mark.parametrize(("store", "kept"), [("none", []), ("half", ["m0"]), ("all", ["m0", "m1"])])
def test_a_failed_request_may_have_been_stored(
    api: httpx.Client, emulator: Emulator, store: Any, kept: list[str]
) -> None:
    """A 500 may come with nothing, the first half or all of the batch kept."""
    emulator.faults.add(Fault(status=500, store=store))

    assert api.post("/v1/batch", json=batch("m0", "m1")).status_code == 500

    assert emulator.store.message_ids() == kept


@pytest.mark.parametrize(("store", "kept"), [("none", []), ("all", ["m0"])])
def test_a_reset_ends_the_connection_without_an_answer(
    api: httpx.Client, emulator: Emulator, store: Any, kept: list[str]
) -> None:
    """The sender sees a broken connection, before or after the batch was stored."""
    emulator.faults.add(Fault(reset=True, store=store))

    with pytest.raises(httpx.ReadError):
        api.post("/v1/batch", json=batch("m0"))

    assert emulator.store.message_ids() == kept
    assert emulator.store.requests()[-1].status == 0
    assert api.post("/v1/batch", json=batch("m1")).status_code == 200


def test_latency_comes_before_the_answer(api: httpx.Client, emulator: Emulator) -> None:
    """A slow answer is still the right answer."""
    emulator.faults.add(Fault(latency_seconds=0.15))
    start = time.monotonic()

    assert api.post("/v1/batch", json=batch("m")).status_code == 200

    assert time.monotonic() - start >= 0.15
    assert emulator.store.message_ids() == ["m"]


def test_a_fault_can_be_for_one_message_id(api: httpx.Client, emulator: Emulator) -> None:
    """Only requests that hold the id meet the fault, also when it looks like another's start."""
    emulator.faults.add(Fault(status=400, message_id="m7", times=None))

    statuses = [
        api.post("/v1/batch", json=batch(*ids)).status_code
        for ids in (["m1", "m2"], ["m6", "m7"], ["m77"], ["m7"])
    ]

    assert statuses == [200, 400, 200, 400]


def test_a_fault_can_be_for_large_requests(api: httpx.Client, emulator: Emulator) -> None:
    """A proxy that takes 100 bytes refuses a request of more, counted on the wire."""
    emulator.faults.add(Fault(status=413, over_bytes=100, times=None))

    assert api.post("/v1/batch", json=batch("m")).status_code == 200
    assert api.post("/v1/batch", json=batch("m1", "m2")).status_code == 413


def test_a_login_page_answers_200_with_html(api: httpx.Client, emulator: Emulator) -> None:
    """Body and content type of the answer are the script's."""
    page = "<html>Please sign in</html>"
    emulator.faults.add(Fault(status=200, headers={"Content-Type": "text/html"}, body=page))

    answer = api.post("/v1/batch", json=batch("m"))

    assert (answer.status_code, answer.text) == (200, page)
    assert answer.headers.get_list("content-type") == ["text/html"]
    assert emulator.store.message_ids() == []


def test_a_fault_can_give_a_wrong_date(api: httpx.Client, emulator: Emulator) -> None:
    """Answers carry one Date header, which a fault can replace."""
    wrong = "Thu, 01 Jan 1970 00:00:00 GMT"
    emulator.faults.add(Fault(status=200, headers={"Date": wrong}))

    first, second = (api.post("/v1/batch", json=batch("m")) for _ in range(2))

    assert first.headers.get_list("date") == [wrong]
    assert len(second.headers.get_list("date")) == 1


def test_the_settings_have_faults_of_their_own(api: httpx.Client, emulator: Emulator) -> None:
    """A fault on the settings leaves calls alone, and the other way round."""
    emulator.faults.add(Fault(status=503, on="settings"))

    assert api.post("/v1/batch", json=batch("m")).status_code == 200
    assert api.get("/v1/projects/demo-key/settings").status_code == 503
    assert api.get("/v1/projects/demo-key/settings").status_code == 200


def test_the_script_is_set_seen_and_cleared_over_http(api: httpx.Client) -> None:
    """Command-line tests script faults by HTTP; one object or a list of them."""
    answer = api.post("/_emulator/faults", json={"status": 503, "times": 2})
    assert answer.status_code == 200
    api.post("/_emulator/faults", json=[{"reset": True}, {"latency_seconds": 1}])
    assert api.post("/v1/batch", json=batch("m")).status_code == 503

    left = api.get("/_emulator/faults").json()["faults"]
    assert [(f["status"], f["reset"], f["times"]) for f in left] == [
        (503, False, 1),
        (None, True, 1),
        (None, False, 1),
    ]

    api.delete("/_emulator/faults")
    assert api.post("/v1/batch", json=batch("m")).status_code == 200


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("[1]", "a fault must be a JSON object, not int"),
        ('{"statsu": 500}', "unknown name statsu in a fault"),
        ('{"status": 99}', "status of a fault must be a number from 200 to 599, or null"),
        ('{"status": "500"}', "status of a fault must be"),
        ('{"headers": {"Retry-After": 1}}', "headers of a fault must be an object of texts"),
        ('{"latency_seconds": -1}', "latency_seconds of a fault must be"),
        ('{"times": 0}', "times of a fault must be"),
        ('{"times": 1.5}', "times of a fault must be"),
        ('{"store": "some"}', "store of a fault must be one of none, half, all"),
        ('{"on": "batch"}', "on of a fault must be one of calls, settings"),
        ('[{"status": 500}, {"reset": 1}]', "reset of a fault must be true or false"),
        ("{", "unexpected end"),
    ],
)
def test_a_wrong_script_is_refused_whole_with_a_sentence(
    api: httpx.Client, emulator: Emulator, given: str, sentence: str
) -> None:
    """A mistake in a script is a 400 that says what is allowed, and none of it is kept."""
    answer = api.post("/_emulator/faults", content=given)

    assert answer.status_code == 400
    assert sentence in answer.json()["error"]
    assert emulator.faults.left() == []


def test_a_plan_with_faults_can_be_given_at_the_start() -> None:
    """An emulator starts with the script it is given."""
    with Emulator(faults=FaultPlan([Fault(status=401)])) as emulator:
        assert httpx.post(f"{emulator.url}/v1/batch", json=batch("m")).status_code == 401
