"""Call -> JSON bytes, and the Tracking API's limits, each with its source.

The bytes measured are the bytes sent: there is one encoder. Sizes are of UTF-8 JSON before gzip.
Source of the limits: the HTTP Tracking API page of Segment's documentation
(connections/sources/catalog/libraries/server/http-api). It says "KB" without a definition: a
batch is held to the smaller reading (500,000 bytes); a call to 32,768 bytes, which is what
Segment's own Python and Node libraries use.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
import pyarrow as pa

MAX_CALL_BYTES: Final = 32_768
MAX_BATCH_BYTES: Final = 500_000
MAX_BATCH_CALLS: Final = 2_500
MAX_MESSAGE_ID_CHARS: Final = 100
#: The version of the form below. A plan made by another version is planned again.
ENCODER_VERSION: Final = 1


def encode_call(call: Mapping[str, Any]) -> bytes:
    """Encode one call. Values are JSON-ready already: anything else raises `TypeError`."""
    return orjson.dumps(call)


def encode_calls(calls: Iterable[Mapping[str, Any] | None]) -> pa.BinaryArray:
    """Encode calls into one Arrow binary array; None becomes null.

    One growing buffer instead of a list of small `bytes`: keeping 50,000 of those costs seven
    times as much as encoding them.
    """
    dumps = orjson.dumps
    body = bytearray()
    offsets = [0]
    gaps: list[bool] = []
    for call in calls:
        if call is not None:
            body += dumps(call)
        gaps.append(call is None)
        offsets.append(len(body))
    return pa.BinaryArray.from_buffers(
        pa.binary(),
        len(gaps),
        [
            pa.array([not gap for gap in gaps], pa.bool_()).buffers()[1] if any(gaps) else None,
            pa.array(offsets, pa.int32()).buffers()[1],
            pa.py_buffer(bytes(body)),
        ],
    )
