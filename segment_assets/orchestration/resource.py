"""Where calls go and with which key, as a Dagster resource that never shows the key."""

import os
from typing import Any
from urllib.parse import urlsplit

import dagster as dg
from pydantic import ConfigDict, Field

from segment_assets.declare.spec import DestinationSpec
from segment_assets.handoff import Connection

#: Calls per second where nothing is declared. Segment asks for no more than 1,000 per source.
DEFAULT_EVENTS_PER_SECOND = 1000.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class SegmentResource(dg.ConfigurableResource[Any]):
    """One Segment source: its write key, region and rate.

    Give the key as `dg.EnvVar("NAME")`: Dagster then stores the name only. A literal key would be
    readable in the definitions that Dagster keeps.
    """

    model_config = ConfigDict(hide_input_in_errors=True)  # a key of a wrong type stays unseen too

    write_key: str = Field(repr=False, json_schema_extra={"dagster__is_secret": True})
    region: str = Field(default="us", pattern="^(us|eu)$")
    endpoint: str | None = Field(
        default=None, description="http://host:port instead of the region's host: emulator, proxy"
    )
    events_per_second: float | None = Field(
        default=None, gt=0, description="default 1000; no limit where endpoint is loopback"
    )

    def __repr__(self) -> str:
        return f"SegmentResource(region={self.region!r}, endpoint={self.endpoint!r})"

    __str__ = __repr__

    def connection(self) -> Connection:
        """Return what delivery needs. Opens nothing and proves nothing."""
        return Connection(
            write_key=self.write_key,
            region=self.region,
            endpoint=self.endpoint,
            events_per_second=rate_limit(self.events_per_second, self.endpoint),
        )


def rate_limit(declared: float | None, endpoint: str | None) -> float | None:
    """Return calls per second, None for no limit: a loopback endpoint is nobody's budget."""
    if declared is not None:
        return declared
    is_loopback = endpoint is not None and urlsplit(endpoint).hostname in _LOOPBACK
    return None if is_loopback else DEFAULT_EVENTS_PER_SECOND


def destination_rate(destination: DestinationSpec) -> float | None:
    """Return the rate that the resource of this destination will use, for a plan's estimate."""
    endpoint = destination.endpoint
    if destination.endpoint_env:
        endpoint = os.environ.get(destination.endpoint_env, endpoint)
    return rate_limit(destination.events_per_second, endpoint)


def build_resource(destination: DestinationSpec) -> SegmentResource:
    """Build a destination's resource: only the names of environment variables are stored."""
    endpoint = dg.EnvVar(destination.endpoint_env) if destination.endpoint_env else None
    return SegmentResource(
        write_key=dg.EnvVar(destination.write_key_env),
        region=destination.region,
        endpoint=endpoint or destination.endpoint,
        events_per_second=destination.events_per_second,
    )
