"""What a person reads when a run stops: what happened, what became of the rows, what to do."""

from urllib.parse import urlsplit

from segment_assets.delivery.answers import Answer, Result, Verdict
from segment_assets.delivery.masking import mask
from segment_assets.delivery.regions import host_of

_WHERE_ROWS_ARE = "Nothing is lost: the next run sends what is owed, under the same message ids."
_SHOWN_CHARS = 300


def failure_sentence(result: Result, verdict: Verdict, reason: str, *, url: str, key: str) -> str:
    """Write why the run stopped, with the start of the answer's body, and without the key."""
    host = host_of(url)
    text = f"{_what_happened(result, verdict, reason, host)} {_WHERE_ROWS_ARE}"
    said = excerpt(result, key) if isinstance(result, Answer) else ""
    return f"{mask(text, key)} The answer began: {said}" if said else mask(text, key)


def excerpt(answer: Answer, key: str) -> str:
    """Return the start of an answer's body on one line, without the key.

    Masked before it is cut: half a key at the end would be seen by no mask.
    """
    text = mask(answer.body.decode("utf-8", "replace"), key)
    return " ".join(text.split())[:_SHOWN_CHARS]


def _what_happened(result: Result, verdict: Verdict, reason: str, host: str) -> str:
    if verdict.code == "unauthorized":
        return f"{host} answered {reason}: it doesn't take the write key. Check key and region."
    if verdict.code == "unexpected_redirect":
        return (
            f"{host} answered {reason}, a redirect{_target(result)}, which is never followed. "
            "Check endpoint, region and proxy."
        )
    if verdict.code == "unexpected_response":
        flaw = f", but {verdict.flaw}" if verdict.flaw else ""
        return (
            f"{host} answered {reason}{flaw}: this is not the Tracking API. "
            "Look for a proxy or a login page in between."
        )
    if isinstance(result, Answer):
        return f"{host} answered {reason}. Check the endpoint and the API's status."
    return f"{host} gave no answer: {reason}. Check the network and the API's status."


def _target(result: Result) -> str:
    """Name the host of a redirect, and no more of it: it may hold a session."""
    location = result.headers.get("location", "") if isinstance(result, Answer) else ""
    try:
        host = urlsplit(location).hostname
    except ValueError:  # half a bracket
        host = None
    return f" to {host}" if host else ""


def refusal_text(answer: Answer, key: str) -> str:
    """Write what the API said to one call, for the ledger: status and the start of the body."""
    return f"{answer.status} {excerpt(answer, key)}".strip()


def all_rejected_sentence(calls: int, found: str, host: str) -> str:
    """Write that calls were refused alone while none was accepted."""
    return (
        f"{host} refused each of {calls} call{'' if calls == 1 else 's'} that stood alone and "
        f"accepted none, so no row is blamed. Check the write key and the endpoint. "
        f"{_WHERE_ROWS_ARE} The last answer: {found}"
    )


def stopped_early_sentence(host: str) -> str:
    """Write that a run gave up on refusals just before the first acceptance."""
    return (
        f"{host} refused many calls before it accepted the first, and the run stopped early. "
        f"{_WHERE_ROWS_ARE}"
    )


def set_aside_sentence(batch: str, reason: str, host: str) -> str:
    """Write that one batch was left behind while others were taken."""
    return (
        f"{host} answered {batch} with {reason}; it was left behind, uncertain. {_WHERE_ROWS_ARE}"
    )


def body_limit_warning(refused: int, limit: int, host: str) -> str:
    """Write which limit a 413 taught."""
    return (
        f"{host} answered 413 to a body of {refused:,} bytes: bodies are held to {limit:,} bytes "
        "for the rest of the run. Look for a proxy with a small body limit."
    )


def clock_skew_warning(seconds: float, host: str) -> str:
    """Write that the clocks differ; `seconds` > 0: this machine is ahead."""
    side = "ahead of" if seconds > 0 else "behind"
    return (
        f"clock_skew: this machine's clock is {abs(seconds):,.0f} s {side} that of {host}. "
        "Set the clock: Segment shifts event times by the difference."
    )
