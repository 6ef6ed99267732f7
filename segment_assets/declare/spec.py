"""What a user declares, after parsing: plain frozen facts, equal for YAML and Python."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segment_assets.handoff import Model, SyncSpec


@dataclass(frozen=True, slots=True)
class Position:
    """Where something was written: a file and a line, both for people."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class WarehouseSpec:
    """One warehouse and its models. `database` is an absolute path for an embedded engine."""

    name: str
    engine: str
    models: tuple[Model, ...]
    database: Path | None = None
    dsn_env: str | None = None
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ScheduleSpec:
    """When a mapping runs by itself. Exactly one of `cron` and `after` is set.

    `every` forms are translated to `cron`; `timezone` is an IANA name.
    """

    cron: str | None = None
    timezone: str = "UTC"
    after: tuple[str, ...] = ()
    words: str = "manual"


@dataclass(frozen=True, slots=True)
class MappingSpec:
    """One mapping of a destination: the sync itself, and what surrounds it.

    `written` is `fields` as the user wrote it (with the `$.` shorthand), for documents and
    metadata; `sync.fields` is its mapping-kit form.
    """

    sync: SyncSpec
    written: Mapping[str, Any]
    source: str
    schedule: ScheduleSpec | None = None
    enabled: bool = False
    description: str | None = None
    owners: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    mask: tuple[str, ...] = ("email", "phone", "name", "address", "ip")
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class DestinationSpec:
    """One Segment source as a destination: key variable, region, and at most 50 mappings."""

    name: str
    write_key_env: str
    mappings: tuple[MappingSpec, ...]
    region: str = "us"
    endpoint: str | None = None
    endpoint_env: str | None = None
    events_per_second: float | None = None
    allow_placeholder_ids: bool = False
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Project:
    """All declarations of one folder tree."""

    warehouses: tuple[WarehouseSpec, ...]
    destinations: tuple[DestinationSpec, ...]
