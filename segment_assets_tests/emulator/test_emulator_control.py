"""The emulator's own paths and the debugger page."""

import base64
import hashlib
import re

import httpx
import pytest

from segment_assets.emulator import Emulator

CALLS = {
    "writeKey": "demo-key",
    "sentAt": "2026-01-02T03:04:05.000Z",
    "batch": [
        {"type": "page", "userId": "u", "messageId": "m1", "name": "</script><b>"},
        {"type": "identify", "messageId": "m2", "writeKey": "demo-key"},
        {"type": "page", "userId": "u", "messageId": "m1"},
    ],
}


def test_counts_add_up(api: httpx.Client) -> None:
    """Every call received is in exactly one of accepted, duplicates and dropped."""
    api.post("/v1/batch", json=CALLS)

    counts = api.get("/_emulator/counts").json()

    assert {name: counts[name] for name in ("received", "accepted", "duplicates", "dropped")} == {
        "received": 3,
        "accepted": 1,
        "duplicates": 1,
        "dropped": 1,
    }
    assert counts["dropped_by_reason"] == {"missing_id": 1}
    assert counts["requests_by_status"] == {"200": 1}
    assert counts["distinct_message_ids"] == 1


def test_calls_are_shown_newest_first_with_what_became_of_them(api: httpx.Client) -> None:
    """A dropped call has its reason and what it means; filters and limits hold."""
    api.post("/v1/batch", json=CALLS)

    shown = api.get("/_emulator/calls").json()["calls"]

    assert [(c["number"], c["outcome"], c["reason"]) for c in shown] == [
        (3, "duplicate", None),
        (2, "dropped", "missing_id"),
        (1, "accepted", None),
    ]
    assert shown[1]["meaning"] == "neither userId nor anonymousId has a value"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", shown[0]["received_at"])
    for query, numbers in [("type=page", [3, 1]), ("limit=1", [3]), ("since=2", [3])]:
        found = api.get(f"/_emulator/calls?{query}").json()["calls"]
        assert [call["number"] for call in found] == numbers


def test_the_key_is_in_nothing_that_is_shown(api: httpx.Client, emulator: Emulator) -> None:
    """Neither calls nor the request log hold the key, its header or its proof URL."""
    api.post("/v1/batch", json=CALLS)
    api.post("/v1/page", json={"userId": "u", "writeKey": "demo-key"})
    api.get("/v1/projects/demo-key/settings")
    api.get("/v1/projects/demo-key/other")

    shown = "".join(api.get(f"/_emulator/{name}").text for name in ("calls", "requests", "counts"))
    shown += repr(emulator.store.requests()) + repr(emulator.store.counts())

    assert "demo-key" not in shown
    assert base64.b64encode(b"demo-key:").decode() not in shown


def test_requests_are_shown_with_size_headers_and_sent_at(api: httpx.Client) -> None:
    """The request log says what came on the wire, the newest first."""
    api.post("/v1/batch", json=CALLS, headers={"x-retry-count": "2"})
    api.post("/v1/batch", content=b"{")

    refused, taken = api.get("/_emulator/requests").json()["requests"]

    assert (refused["status"], refused["note"]) == (400, "invalid_json")
    assert refused["meaning"] == "the body is not a JSON object"
    assert (taken["status"], taken["events"], taken["sent_at"]) == (200, 3, CALLS["sentAt"])
    assert taken["headers"]["x-retry-count"] == "2"
    assert taken["body_bytes"] == taken["wire_bytes"] > 0


def test_message_ids_are_one_a_line(api: httpx.Client) -> None:
    """Each distinct accepted id is one line, also an id that holds a line end itself."""
    ids = [f"m{n}" for n in range(2_000)]
    calls = [{"type": "page", "userId": "u", "messageId": one} for one in [*ids, "odd\none"]]
    assert api.get("/_emulator/message_ids").text == ""

    api.post("/v1/batch", json={"batch": calls})

    assert api.get("/_emulator/message_ids").text == "\n".join([*ids, "odd\\none"]) + "\n"


def test_a_reset_empties_counts_calls_and_faults(api: httpx.Client) -> None:
    """After a reset the emulator is as new."""
    api.post("/v1/batch", json=CALLS)
    api.post("/_emulator/faults", json={"status": 500})

    assert api.post("/_emulator/reset").status_code == 200

    assert api.get("/_emulator/counts").json()["received"] == 0
    assert api.get("/_emulator/calls").json()["calls"] == []
    assert api.get("/_emulator/faults").json() == {"faults": []}


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/_emulator/reset"), ("POST", "/_emulator/faults"), ("DELETE", "/_emulator/faults")],
)
def test_a_page_of_another_site_changes_nothing(
    api: httpx.Client, emulator: Emulator, method: str, path: str
) -> None:
    """A browser that sends for another origin is refused; the emulator's own page isn't."""
    body = {"status": 500} if path.endswith("faults") else None

    foreign = api.request(method, path, json=body, headers={"origin": "https://evil.example"})
    own = api.request(method, path, json=body, headers={"origin": emulator.url})

    assert (foreign.status_code, own.status_code) == (403, 200)


@pytest.mark.parametrize("path", ["calls?limit=x", "calls?since=x", "requests?limit=x"])
def test_a_query_that_is_no_number_is_refused(api: httpx.Client, path: str) -> None:
    """A wrong query is a 400 with a sentence."""
    answer = api.get(f"/_emulator/{path}")

    assert answer.status_code == 400
    assert "whole number" in answer.json()["error"]


def test_the_page_loads_nothing_from_elsewhere(api: httpx.Client) -> None:
    """The page is one file with no address in it, and its policy forbids any other source."""
    answer = api.get("/")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.[\w./-]*", answer.text))
    assert addresses == {"http://www.w3.org/2000/svg"}, "only the name of SVG in the icon"
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", answer.text)
    assert "@import" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_page_runs_its_own_script_and_no_other(api: httpx.Client) -> None:
    """The policy names the script by its hash, and the script never writes markup."""
    answer = api.get("/")
    scripts = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)

    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
    for unsafe in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert unsafe not in scripts[0]
