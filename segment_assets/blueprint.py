"""A sync made ready to run: its declaration joined with what its model really looks like."""

from collections.abc import Sequence
from dataclasses import dataclass

from segment_assets.encoder import RowEncoder
from segment_assets.handoff import Column, SyncSpec
from segment_assets.mapping import Mapping, Trigger
from segment_assets.plan.identity import choose_columns, key_column, mapping_hash
from segment_assets.seams import Warehouse

_ID_FIELDS = ("user_id", "anonymous_id", "group_id")


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What planning and delivering one sync depends on.

    `read_columns` are those that mapping and trigger can read: the fingerprint is over them.
    """

    spec: SyncSpec
    key: Column
    read_columns: tuple[Column, ...]
    lane_columns: tuple[Column, ...]
    order_column: Column | None
    mapping_hash: str
    all_columns: tuple[Column, ...]
    is_unbounded: bool

    def encoder(self, columns: Sequence[Column] | None = None) -> RowEncoder:
        """Return the encoder for plan rows over `columns` (default: the columns read now)."""
        return RowEncoder(self.spec, self.read_columns if columns is None else columns)


def draw_blueprint(spec: SyncSpec, warehouse: Warehouse) -> Blueprint:
    """Look at the model and prepare the sync.

    Raises `ModelError` (no such table, unknown column) and `MappingError`.
    """
    columns = warehouse.describe(spec.model)
    mapping = Mapping.parse(dict(spec.fields))
    names = mapping.columns_read()
    if spec.trigger and names is not None:
        triggered = Trigger.parse(spec.trigger).columns_read()
        names = None if triggered is None else names | triggered
    key = key_column(spec, columns)
    return Blueprint(
        spec=spec,
        key=key,
        read_columns=choose_columns(names, columns, spec),
        lane_columns=_lane_columns(spec, columns) or (key,),
        order_column=_order_column(spec, columns),
        mapping_hash=mapping_hash(spec),
        all_columns=columns,
        is_unbounded=names is None,
    )


def _lane_columns(spec: SyncSpec, columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return the columns of the first mapped id field: one user's calls share a lane, in order."""
    for key in _ID_FIELDS:
        if key not in spec.fields:
            continue
        names = Mapping.parse({key: spec.fields[key]}).columns_read()
        if names:
            return tuple(column for column in columns if column.name in names)
    return ()


def _order_column(spec: SyncSpec, columns: Sequence[Column]) -> Column | None:
    """Return the timestamp's column where it is a plain path: calls are sent in its order."""
    if "timestamp" not in spec.fields:
        return None
    sources = Mapping.parse({"timestamp": spec.fields["timestamp"]}).field_sources()
    if len(sources) != 1:
        return None
    _path, directive, names = sources[0]
    if directive not in {"path", "column"} or not names or len(names) != 1:
        return None
    return next((column for column in columns if column.name in names), None)
