"""What a user declares, after parsing: plain frozen facts, equal for YAML and Python."""

from collections.abc import Callable, Mapping
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


#: Gives the position of a value by its path of keys and indexes.
Locate = Callable[[tuple[str | int, ...]], Position | None]


@dataclass(frozen=True, slots=True)
class WarehouseSpec:
    """One warehouse and its models. `database` is an absolute path for an embedded engine.

    `asset_specs` is False where the same code location itself builds the tables (with dbt, for
    one): Dagster takes one definition of a key. `locate` gives the position of a value by its path
    of keys below the warehouse; a model is named by its key: `("models", "shop/orders", "table")`.
    """

    name: str
    engine: str
    models: tuple[Model, ...]
    database: Path | None = None
    dsn_env: str | None = None
    asset_specs: bool = True
    position: Position | None = field(default=None, compare=False)
    locate: Locate | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ScheduleSpec:
    """When a mapping runs by itself. Exactly one of `cron` and `after` is set.

    `every` forms are translated to `cron`; `timezone` is an IANA name. Times of different minutes
    (09:00 and 14:30) don't fit one cron string: `crons` gives all of them.
    """

    cron: str | None = None
    timezone: str = "UTC"
    after: tuple[str, ...] = ()
    words: str = "manual"
    more_crons: tuple[str, ...] = ()

    @property
    def crons(self) -> tuple[str, ...]:
        """All cron strings of the schedule, none where it runs after assets."""
        return () if self.cron is None else (self.cron, *self.more_crons)


@dataclass(frozen=True, slots=True)
class MappingSpec:
    """One mapping of a destination: the sync itself, and what surrounds it.

    `written` is `fields` as the user wrote it (with the `$.` shorthand), for documents and
    metadata; `sync.fields` is its mapping-kit form. `locate` gives the position of a value by
    its path of keys below the mapping, as `("fields", "user_id")`.
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
    locate: Locate | None = field(default=None, compare=False, repr=False)


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
