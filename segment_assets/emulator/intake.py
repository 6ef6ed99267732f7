"""One request's bytes -> its calls, or the reason for a 400.

Sizes are of the uncompressed body: Segment's documentation doesn't say which, and the sender is
held to the smaller reading. A call inside a batch is measured as its compact UTF-8 JSON.
"""

import base64
import binascii
import zlib
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from segment_assets.wire import MAX_BATCH_BYTES, MAX_BATCH_CALLS, MAX_CALL_BYTES

_GZIP_WINDOW: Final = 31

#: Every reason for a 400, with the sentence of the answer.
REFUSALS: Final[dict[str, str]] = {
    "invalid_encoding": "the body is not what Content-Encoding says",
    "invalid_json": "the body is not a JSON object",
    "invalid_batch": "batch must be a list of at least one JSON object",
    "body_too_large": "the body is too large",
    "call_too_large": "a call is over 32,768 bytes",
}


@dataclass(slots=True)
class Intake:
    """What a request holds: its calls, or `refusal` = why the whole request gets a 400.

    `drop_all` is the reason for which every call is dropped although the answer is 200.
    """

    body: bytes = field(default=b"", repr=False)
    calls: list[dict[str, Any]] = field(default_factory=list, repr=False)
    refusal: str | None = None
    drop_all: str | None = None
    sent_at: str | None = None


def read_intake(
    wire_body: bytes | None,
    *,
    kind: str,
    content_encoding: str | None,
    authorization: str | None,
    write_keys: AbstractSet[str] | None,
) -> Intake:
    """Decode and judge one POST to `/v1/<kind>`; `wire_body` is None where it was far too long."""
    limit = MAX_BATCH_BYTES if kind == "batch" else MAX_CALL_BYTES
    body = _decode(wire_body, content_encoding, limit) if wire_body is not None else "too_long"
    if isinstance(body, str):
        too_large = "body_too_large" if kind == "batch" else "call_too_large"
        return Intake(refusal=too_large if body == "too_long" else body)
    intake = Intake(body=body)
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError:
        envelope = None
    if not isinstance(envelope, dict):
        intake.refusal = "invalid_json"
        return intake
    sent_at = envelope.get("sentAt")
    intake.sent_at = sent_at if isinstance(sent_at, str) else None
    keys = _presented_keys(authorization, envelope.pop("writeKey", None))
    calls = envelope.get("batch") if kind == "batch" else [{**envelope, "type": kind}]
    intake.refusal = _find_batch_fault(calls, len(body))
    if intake.refusal is None and calls is not None:
        intake.calls = calls
        if not keys or not all(is_known_key(key, write_keys) for key in keys):
            intake.drop_all = "invalid_write_key"
        elif len(calls) > MAX_BATCH_CALLS:
            intake.drop_all = "too_many_events"
    return intake


def is_known_key(key: str | None, write_keys: AbstractSet[str] | None) -> bool:
    """Say whether a key is a source's. `write_keys` None: any text without white space is."""
    if write_keys is not None:
        return key in write_keys
    return bool(key) and not any(character.isspace() for character in key or "")


def _find_batch_fault(calls: Any, body_bytes: int) -> str | None:
    if not isinstance(calls, list) or not calls:
        return "invalid_batch"
    if not all(type(call) is dict for call in calls):
        return "invalid_batch"
    # A body that is no longer than one call may be can't hold a call that is.
    if body_bytes > MAX_CALL_BYTES:
        dumps = orjson.dumps
        if any(len(dumps(call)) > MAX_CALL_BYTES for call in calls):
            return "call_too_large"
    return None


def _decode(wire_body: bytes, content_encoding: str | None, limit: int) -> bytes | str:
    """Return the plain body, "too_long" where it is over `limit` bytes, or a refusal."""
    encoding = (content_encoding or "identity").strip().lower()
    if encoding == "identity":
        return wire_body if len(wire_body) <= limit else "too_long"
    if encoding != "gzip":
        return "invalid_encoding"
    unzip = zlib.decompressobj(_GZIP_WINDOW)
    try:
        # Stops one byte over the limit: a small request must not unpack to a full memory.
        body = unzip.decompress(wire_body, limit + 1)
    except zlib.error:
        return "invalid_encoding"
    if len(body) > limit:
        return "too_long"
    return body if unzip.eof and not unzip.unused_data else "invalid_encoding"


def _presented_keys(authorization: str | None, body_key: Any) -> list[str | None]:
    """Return every key a request shows; an unreadable one is None. All must be known.

    A Bearer token (OAuth) says nothing about the source: there the body's key counts alone.
    """
    keys: list[str | None] = []
    scheme, _, credentials = (authorization or "").partition(" ")
    if scheme.lower() == "basic":
        keys.append(_basic_user(credentials))
    if body_key is not None:
        keys.append(body_key if isinstance(body_key, str) else None)
    return keys


def _basic_user(credentials: str) -> str | None:
    try:
        user, colon, _ = base64.b64decode(credentials.strip(), validate=True).partition(b":")
        return user.decode() if colon else None
    except (binascii.Error, UnicodeDecodeError):
        return None
