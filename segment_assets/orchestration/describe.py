"""What the UI says of an asset: a sentence or two, and the mapping as a table."""

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

    A field that reads columns which can't be known beforehand says `*` and has no lineage.
    """
    from segment_assets.mapping import Mapping as FieldMapping  # noqa: PLC0415 # light loading

    rows = []
    lineage: dict[str, list[dg.TableColumnDep]] = {}
    for path, directive, names in FieldMapping.parse(dict(mapping.sync.fields)).field_sources():
        key = path.replace("/", ".")
        paths = json_paths(key, mapping.sync.action)
        rows.append(
            {
                "columns": "*" if names is None else ", ".join(names),
                "directive": directive,
                "field": key,
                "json_path": ", ".join(paths),
            }
        )
        for json_path in paths if names else ():
            lineage[json_path] = [
                dg.TableColumnDep(asset_key=model_key(mapping.source), column_name=column)
                for column in names or ()
            ]
    metadata: dict[str, Any] = {}
    if rows:
        metadata["mapping"] = dg.MetadataValue.table([dg.TableRecord(row) for row in rows])
    if lineage:
        metadata["dagster/column_lineage"] = dg.TableColumnLineage(lineage)
    return metadata


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
