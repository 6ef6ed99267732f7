"""Where calls go. Source of the hosts: Segment's page on regional endpoints.

A workspace of one region that is sent to the other's host gets a 200 and no data, so the region
is the user's to state. `endpoint` replaces the host for calls and for the proof of the key.
"""

import ipaddress
from typing import Final
from urllib.parse import quote, urlsplit

from segment_assets.errors import UserError
from segment_assets.handoff import Connection

API_HOSTS: Final = {
    "us": "https://api.segment.io",
    "eu": "https://events.eu1.segmentapis.com",
}
CDN_HOST: Final = "https://cdn.segment.com"


def batch_url(connection: Connection) -> str:
    """Return the address that batches are posted to. Raises `UserError` on a wrong setting."""
    return f"{_base(connection, API_HOSTS.get(connection.region))}/v1/batch"


def settings_url(connection: Connection) -> str:
    """Return the address that proves a key. It holds the key: never log, show or raise it."""
    base = _base(connection, CDN_HOST if connection.region in API_HOSTS else None)
    return f"{base}/v1/projects/{quote(connection.write_key, safe='')}/settings"


def host_of(url: str) -> str:
    """Return scheme, host and port of an address: what a message may show of it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_loopback(url: str) -> bool:
    """Say whether an address names this very machine."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, not a number
        return False


def _base(connection: Connection, host: str | None) -> str:
    if connection.endpoint is None:
        if host is None:
            raise UserError(f"region {connection.region!r} is unknown; allowed: us, eu")
        return host
    try:
        parts = urlsplit(connection.endpoint)
        is_right = parts.scheme in {"http", "https"} and bool(parts.hostname)
        is_right = is_right and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is no number, half a bracket
        is_right = False
        parts = urlsplit("")
    if not is_right or parts.username is not None or parts.query or parts.fragment:
        raise UserError(
            "endpoint must be http://host:port or https://host:port, without user name, "
            "password or query"
        )
    return connection.endpoint.rstrip("/")
