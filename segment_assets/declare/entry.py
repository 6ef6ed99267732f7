"""One mapping of a destination: what is sent, from where, when, and what surrounds it."""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from segment_assets.declare.entry_fields import Entry, read_fields
from segment_assets.declare.gates import read_gates
from segment_assets.declare.mistakes import Mistakes, PathTuple, hint, owner_and_field, shown
from segment_assets.declare.names import read_name
from segment_assets.declare.schedule import FORMS, read_schedule
from segment_assets.declare.section import Section
from segment_assets.declare.spec import Locate, MappingSpec
from segment_assets.errors import MappingError
from segment_assets.fields import ACTIONS
from segment_assets.handoff import Action, Model, SyncSpec
from segment_assets.javascript import scalar_text
from segment_assets.mapping import Trigger

MAPPING_KEYS: Final = (
    "name",
    "source",
    "action",
    "when",
    "trigger",
    "schedule",
    "enabled",
    "gates",
    "fields",
    "integrations",
    "description",
    "owners",
    "tags",
    "mask",
)
OPS: Final = ("added", "updated", "deleted")
#: What Dagster takes as an owner, and as a tag's key and value.
_OWNER: Final = re.compile(r"team:.+|[^@\s]+@[^@\s]+\.[^@\s]+")
_TAG_KEY: Final = re.compile(r"(?:[A-Za-z0-9_.-]{1,63}/)?[A-Za-z0-9_.-]{1,63}")
_TAG_VALUE: Final = re.compile(r"[A-Za-z0-9_.-]{0,63}")
_DEFAULT_MASK: Final = MappingSpec.__dataclass_fields__["mask"].default


def read_mapping(
    section: Section,
    destination: str,
    models: Mapping[str, Model],
    *,
    allow_placeholder_ids: bool,
    has_all_models: bool = True,
) -> MappingSpec | None:
    """Read one mapping as far as it can be; None where no model is known for it.

    Where it has a mistake, what could not be read is left out or stands on its default: good for
    finding what else is wrong, never for a run. Without `has_all_models` an unknown source is no
    mistake.
    """
    mistakes, before = section.mistakes, len(section.mistakes.found)
    section.refuse_unknown(MAPPING_KEYS)
    name = read_name(section)
    source, model = _read_source(section, models, has_all_models=has_all_models)
    action = cast("Action | None", section.choice("action", ACTIONS, required=True))
    when = _read_when(section)
    trigger = _read_trigger(section)
    schedule_section = section.inner("schedule", what=FORMS)
    schedule = None if schedule_section is None else read_schedule(schedule_section)
    enabled = section.flag("enabled")
    gates = read_gates(section.inner("gates", what="{max_rejected_percent: 5, ...}"))
    integrations = section.inner("integrations", what="{All: false, Amplitude: true}")
    fields_section = section.inner(
        "fields", what="the fields of the call, such as {user_id: $.customer_id}", required=True
    )
    fields = read_fields(fields_section, Entry(action, when)) if fields_section else None
    around = _read_around(section)
    _check_integrations(integrations)
    if not (name and action and fields and (model or not has_all_models)):
        _refuse_without_reason(section, before)
    if source is None or model is None:
        return None
    own = owner_and_field(mistakes.attributes, section.path)[0].partition("/")[2]
    return MappingSpec(
        sync=SyncSpec(
            destination=destination,
            name=name or own,
            model=model,
            action=action or "track",
            fields=fields or {},
            when=when,
            trigger=trigger,
            integrations=None if integrations is None else dict(integrations.values),
            allow_placeholder_ids=allow_placeholder_ids,
            gates=gates,
        ),
        written=dict(fields_section.values) if fields_section else {},
        source=source,
        schedule=schedule,
        enabled=enabled,
        position=mistakes.position(section.path),
        locate=_locate_below(mistakes, section.path),
        **around,
    )


def _refuse_without_reason(section: Section, before: int) -> None:
    """Note a mistake if none was: a mapping that can't be built must never just be left out."""
    if len(section.mistakes.found) == before:
        section.mistakes.add(section.path, "can't be read for a reason unknown; please report it")


def _locate_below(mistakes: Mistakes, path: PathTuple) -> Locate | None:
    if mistakes.locate is None:
        return None
    return lambda below: mistakes.position((*path, *below))


def _read_source(
    section: Section, models: Mapping[str, Model], *, has_all_models: bool
) -> tuple[str | None, Model | None]:
    source = section.text("source", todo="write the key of a model, such as shop/customers")
    if source is None or source in models or not has_all_models:
        return source, None if source is None else models.get(source)
    known = f"known models: {', '.join(sorted(models))}" if models else "no model is declared"
    section.note(
        "source",
        f"found {shown(source)}, which is no model of any warehouse; {known}"
        f"{hint(source, models)}; declare it below `models` of a segment_assets.Warehouse: "
        "a table that another code location makes (dbt) is declared there with its own asset key, "
        "so that it can be read",
    )
    return source, None


def _read_when(section: Section) -> frozenset[str]:
    if "when" not in section.values:
        return frozenset({"added", "updated"})
    given = section.texts("when", what="added, updated, deleted")
    for at, op in enumerate(given):
        if op not in OPS:
            item = Section({at: op}, section.at("when"), section.mistakes)
            item.wrong(at, f"allowed: {', '.join(OPS)}", hint(op, OPS)[2:] or "write one of them")
    if not given and section.values["when"] in (None, [], ()):
        section.wrong("when", f"at least one of {', '.join(OPS)} is allowed", "write one")
    return frozenset(given)


def _read_trigger(section: Section) -> str | None:
    trigger = section.text("trigger")
    if trigger is None:
        return None
    try:
        Trigger.parse(trigger)
    except MappingError as error:
        for _, problem in error.problems:
            section.note("trigger", problem)
        return None
    return trigger


def _check_integrations(section: Section | None) -> None:
    """Check that each integration is switched by a boolean or given options."""
    if section is None:
        return
    section.refuse_unknown([key for key in section.values if isinstance(key, str)])
    for name, value in section.values.items():
        if not isinstance(value, bool | Mapping):
            section.wrong(name, "true, false or an object of options is allowed")


def _read_around(section: Section) -> dict[str, Any]:
    """Read what surrounds a sync: description, owners, tags and what samples hide."""
    around: dict[str, Any] = {"description": section.text("description")}
    around["owners"] = section.texts("owners", what="team:growth or an email address")
    for at, owner in enumerate(around["owners"]):
        if not _OWNER.fullmatch(owner):
            item = Section({at: owner}, section.at("owners"), section.mistakes)
            item.wrong(at, "an email address or team:name is allowed")
    around["tags"] = _read_tags(section.inner("tags", what="{tier: gold}"))
    masked = section.texts("mask", what="names of fields that samples hide, such as email")
    around["mask"] = masked if section.values.get("mask") is not None else _DEFAULT_MASK
    return around


def _read_tags(section: Section | None) -> dict[str, str]:
    tags: dict[str, str] = {}
    if section is None:
        return tags
    rule = "up to 63 letters, digits, '_', '-' and '.' are allowed"
    for key, value in section.values.items():
        text = "" if value is None else scalar_text(value)
        if not isinstance(key, str) or not _TAG_KEY.fullmatch(key):
            section.note(str(key), f"found {shown(key)} as a tag; {rule}; rename it")
        elif text is None or not _TAG_VALUE.fullmatch(text):
            section.wrong(key, rule, "shorten it")
        else:
            tags[key] = text
    return tags
