"""What the result of one POST means: pure, and one place for the whole table of statuses.

`is_refusal` decides between pending and uncertain. It is true only where the whole request was
certainly not taken: 3xx, 400, 401, 403, 404, 413, 429, or no connection. Any other status may
come from something before the API (a balancer's 408, 410 or 460; a gateway's 5xx, 501 and 505
among them) while the API behind it took the calls, so the intent stands and the calls are
uncertain; that costs a resend under the same messageId, where the other error loses a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import orjson

Kind = Literal["accepted", "bad_request", "too_large", "retry", "fatal"]

# Retried 4xx and the two 5xx that are not: Segment's libraries. 511 (a login page of a network)
# is retried like any 5xx, which the libraries do only with OAuth: it may pass by itself.
_RETRIED: Final = frozenset({408, 410, 429, 460})
_NAMED: Final[dict[int, tuple[Kind, str]]] = {
    400: ("bad_request", "all_rejected"),
    401: ("fatal", "unauthorized"),
    403: ("fatal", "unauthorized"),
    413: ("too_large", "all_rejected"),
    501: ("fatal", "endpoint_error"),
    505: ("fatal", "endpoint_error"),
}
_FAMILIES: Final[dict[int, tuple[Kind, str]]] = {
    2: ("accepted", ""),
    3: ("fatal", "unexpected_redirect"),
    4: ("fatal", "endpoint_error"),
}
_REFUSALS: Final = frozenset({400, 401, 403, 404, 413, 429})
RATE_LIMITED: Final = 429
#: More of an answer than this is not read; the API's own has 20 bytes.
MAX_ANSWER_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with a status. `headers` has lower-case names; `is_whole`: the body was read."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No answer. `was_sent`: the server may have had some of the request.

    `is_stale`: a kept connection ended before any byte of an answer, as one does that the server
    had closed already. `is_final`: trying again gives the same.
    """

    error: str
    was_sent: bool
    is_stale: bool = False
    is_final: bool = False


Result = Answer | NoAnswer


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a result means. `code` is the run code where it ends the run."""

    kind: Kind
    is_refusal: bool
    code: str = "endpoint_error"
    flaw: str | None = None


def judge(result: Result) -> Verdict:
    """Say what a result means for the batch and for the run."""
    if isinstance(result, NoAnswer):
        return Verdict("fatal" if result.is_final else "retry", is_refusal=not result.was_sent)
    status = result.status
    is_refusal = status in _REFUSALS or 300 <= status < 400  # noqa: PLR2004 - class of statuses
    kind, code = _kind(status)
    if kind == "accepted" and (flaw := find_flaw(result)) is not None:
        return Verdict("fatal", is_refusal=False, code="unexpected_response", flaw=flaw)
    return Verdict(kind, is_refusal, code)


def _kind(status: int) -> tuple[Kind, str]:
    family = status // 100
    if (named := _NAMED.get(status)) is not None:
        return named
    if status in _RETRIED or family == 5:  # noqa: PLR2004 - server errors
        return "retry", "endpoint_error"
    return _FAMILIES.get(family, ("fatal", "unexpected_response"))


def find_flaw(answer: Answer) -> str | None:
    """Say why a 2xx is not the API's own, else None.

    The API answers `{"success": true}`. An empty body says nothing against it and counts; so
    does a JSON object without `success` and without an error.
    """
    if "html" in answer.headers.get("content-type", "").lower():
        return "its body is an HTML page"
    if not answer.is_whole:
        return "its body can't be read"
    return _find_body_flaw(answer.body) if answer.body.strip() else None


def _find_body_flaw(body: bytes) -> str | None:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "its body is not JSON"
    if not isinstance(said, dict):
        return "its body is not a JSON object"
    if said.get("success", True) is not True:
        return "its body doesn't say success"
    return "its body holds an error" if said.get("error") or said.get("errors") else None


def describe(result: Result) -> str:
    """Return a result in a few words, without any of the body."""
    return str(result.status) if isinstance(result, Answer) else result.error
