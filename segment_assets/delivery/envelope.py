"""The body of a POST: the calls as they are, between two constant parts; and its headers."""

import base64
import gzip
import importlib
import importlib.metadata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import orjson
import pyarrow as pa

_HEAD: Final = b'{"batch":['
_GZIP_LEVEL: Final = 1


def iso_instant(seconds: float) -> str:
    """Write a wall-clock instant as the API wants it: 24 characters, milliseconds, UTC."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


class Envelope:
    """What surrounds the calls of one write key. Its text shows no key."""

    def __init__(self, write_key: str) -> None:
        basic = base64.b64encode(f"{write_key}:".encode()).decode("ascii")
        version = importlib.metadata.version("segment-assets")
        self._tail = b'],"writeKey":' + orjson.dumps(write_key) + b',"sentAt":"'
        self.headers: Final = {
            "Authorization": f"Basic {basic}",
            "Content-Type": "application/json",
            "User-Agent": f"segment_assets/{version}",
        }
        #: Bytes of a body that are not calls: the same on every attempt.
        self.size: Final = len(self.wrap(pa.py_buffer(b""), 0.0))

    def __repr__(self) -> str:
        return "Envelope()"

    def wrap(self, calls: pa.Buffer, sent_at: float) -> bytes:
        """Build a body. `sent_at` is of this attempt: Segment moves event times by its age."""
        end = f'{iso_instant(sent_at)}"}}'.encode("ascii")
        return b"".join((_HEAD, calls, self._tail, end))


def _find_compressor() -> Callable[[bytes], bytes]:
    """Return gzip of level 1; by `isal` where it is installed, at a third of the CPU time."""
    try:
        igzip = importlib.import_module("isal.igzip")
    except ImportError:  # an optional extra
        return lambda body: gzip.compress(body, _GZIP_LEVEL, mtime=0)
    compress: Callable[..., bytes] = igzip.compress
    return lambda body: compress(body, _GZIP_LEVEL)


#: Compress one body; the limits are of the body before this.
compress_body: Final = _find_compressor()
