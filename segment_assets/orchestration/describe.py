"""What the UI says of an asset: a sentence or two, and the mapping as a table."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from segment_assets.declare.spec import MappingSpec
from segment_assets.declare.words import describe_mapping
from segment_assets.fields import fields_of
from segment_assets.handoff import Action
from segment_assets.orchestration.keys import model_key


def describe_plan(mapping: MappingSpec) -> str:
    """Describe the plan asset of a mapping."""
    sync = mapping.sync
    return _with_own_words(
        mapping,
        f"Which records of {mapping.source} become {sync.action} calls to {sync.destination}, what "
        "the calls hold and what they cost. Nothing is sent.",
    )


def describe_sync(mapping: MappingSpec) -> str:
    """Describe the sync asset of a mapping."""
    return _with_own_words(mapping, f"{describe_mapping(mapping)} Delivers the approved plan only.")


def _with_own_words(mapping: MappingSpec, sentence: str) -> str:
    return f"{mapping.description}\n\n{sentence}" if mapping.description else sentence


def mapping_metadata(mapping: MappingSpec) -> dict[str, Any]:
    """Show which column fills which field: a table, and lineage for those who can draw it.

    A field that reads columns which can't be known beforehand says `*` and has no lineage; an
    address among the traits has no place in the call where the field `address` replaces it.
    """
    rows, sources = [], []
    has_address = "address" in mapping.sync.fields
    for key, directive, names in _field_sources(mapping):
        is_replaced = has_address and f"{key}.".startswith("traits.address.")
        paths = () if is_replaced else json_paths(key, mapping.sync.action)
        rows.append(
            {
                "columns": "*" if names is None else ", ".join(names),
                "directive": directive,
                "field": key,
                "json_path": ", ".join(paths),
            }
        )
        sources += [(path, key, names) for path in paths]
    metadata: dict[str, Any] = {}
    if rows:
        metadata["mapping"] = dg.MetadataValue.table([dg.TableRecord(row) for row in rows])
    lineage = {
        path: [dg.TableColumnDep(model_key(mapping.source), name) for name in names]
        for path, names in _columns_by_path(mapping.sync.action, sources).items()
    }
    if lineage:
        metadata["dagster/column_lineage"] = dg.TableColumnLineage(lineage)
    return metadata


def _field_sources(mapping: MappingSpec) -> Iterator[tuple[str, str, tuple[str, ...] | None]]:
    """Yield (dotted field, directive, columns read or None for all) of each end of the mapping.

    A field that can get `$.__segment_id` reads the primary key by that name.
    """
    from segment_assets.mapping import Mapping as FieldMapping  # noqa: PLC0415 # light loading

    fields = FieldMapping.parse(dict(mapping.sync.fields))
    for path, directive, names in fields.field_sources():
        columns = names
        if names is not None and fields.reads_segment_id(path):
            columns = tuple(dict.fromkeys((*names, mapping.sync.model.primary_key)))
        yield path.replace("/", "."), directive, columns


def _columns_by_path(
    action: Action, sources: Sequence[tuple[str, str, tuple[str, ...] | None]]
) -> dict[str, list[str]]:
    """Join what is read for each path of the call.

    Of two fields that write one path the later of the field table wins, as in the call
    (`properties.path` over `page.path`); what takes the members of an object (`properties.*`) adds
    to it.
    """
    order = list(fields_of(action))
    found: dict[str, list[str]] = {}
    for path, _key, names in sorted(sources, key=lambda item: order.index(item[1].split(".")[0])):
        if path.endswith(".*"):
            found[path] = list(dict.fromkeys((*found.get(path, ()), *(names or ()))))
        else:
            found[path] = list(names or ())
    return {path: names for path, names in found.items() if names}


def json_paths(key: str, action: Action) -> tuple[str, ...]:
    """Return where a field (`device.id`) stands in the call (`context.device.id`).

    A wire path that ends in `.*` takes the members of an object, one level up.
    """
    top, _, inner = key.partition(".")
    field = fields_of(action).get(top)
    if field is None:
        return ()
    wires = {sub.key: sub.wire for sub in field.sub_fields}
    inner = wires.get(inner, inner)
    stems = [path.removesuffix(".*") if inner else path for path in field.wire[action]]
    return tuple(f"{stem}.{inner}" if inner else stem for stem in stems)
