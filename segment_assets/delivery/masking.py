"""The write key stays out of messages and logs, in every form in which it travels."""

import base64
import logging
import re
from typing import Final
from urllib.parse import quote

_MASK: Final = "***"
_IN_URL: Final = re.compile(r"(/projects/)[^/\s\"']+")
# A filter sees only what its own logger is given, not what a child's is: each is named.
_LOGGERS: Final = (
    "httpx",
    "httpcore",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)


def key_forms(write_key: str) -> tuple[str, ...]:
    """Return the texts in which a key can be read: itself, URL-quoted, Base64 as in the header."""
    raw = write_key.encode()
    encoded = {base64.b64encode(raw + b":").decode(), base64.b64encode(raw).decode().rstrip("=")}
    escaped = write_key.replace("/", "\\/")  # as some JSON encoders write it
    forms = {write_key, quote(write_key, safe=""), escaped, *encoded} - {""}
    return tuple(sorted(forms, key=len, reverse=True))


def mask(text: str, write_key: str) -> str:
    """Return a text without the key, such as an answer that repeats the request."""
    for form in key_forms(write_key):
        text = text.replace(form, _MASK)
    return _IN_URL.sub(rf"\1{_MASK}", text)


class _KeyFilter(logging.Filter):
    """Masks log records of the HTTP libraries, which show whole URLs and answer headers."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: set[str] = set()

    def learn(self, write_key: str) -> None:
        self._keys.add(write_key)

    def filter(self, record: logging.LogRecord) -> bool:
        text = _IN_URL.sub(rf"\1{_MASK}", record.getMessage())
        for write_key in tuple(self._keys):
            text = mask(text, write_key)
        record.msg, record.args = text, ()
        return True


_FILTER: Final = _KeyFilter()


def mask_logs(write_key: str) -> None:
    """Keep this key out of the HTTP libraries' logs from now on, at any level."""
    _FILTER.learn(write_key)
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)  # adding it twice is adding it once
