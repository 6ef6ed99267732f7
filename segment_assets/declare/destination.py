"""The attributes of a destination; its mappings are read by `entry.py`."""

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from segment_assets.declare.entry import read_mapping
from segment_assets.declare.mistakes import Mistakes, is_key_like, masked, shown
from segment_assets.declare.names import name_problem, read_name
from segment_assets.declare.section import Section
from segment_assets.declare.spec import DestinationSpec
from segment_assets.handoff import Model

DESTINATION_KEYS: Final = (
    "name",
    "write_key_env",
    "region",
    "endpoint",
    "endpoint_env",
    "events_per_second",
    "allow_placeholder_ids",
    "mappings",
)
REGIONS: Final = ("us", "eu")
#: Segment's own limit of one destination instance (Actions-based destinations, "Limits").
MAX_MAPPINGS: Final = 50
_VARIABLE: Final = re.compile(r"[A-Z_][A-Z0-9_]*")


def read_destination(
    mistakes: Mistakes, models: Mapping[str, Model], *, has_all_models: bool = True
) -> DestinationSpec:
    """Read a destination as far as it can be: what has a mistake is left out or on its default.

    `models` are those that a `source` can name. Without `has_all_models` (a file of the project
    can't be read) an unknown source is no mistake, so that one mistake isn't told as many.
    """
    section = Section(mistakes.attributes, (), mistakes)
    section.refuse_unknown(DESTINATION_KEYS)
    name = read_name(section)
    write_key_env = _read_variable(section, "write_key_env", required=True)
    region = section.choice("region", REGIONS) or "us"
    endpoint = _read_endpoint(section)
    endpoint_env = _read_variable(section, "endpoint_env")
    if section.has("endpoint") and section.has("endpoint_env"):
        section.note("endpoint_env", "found beside `endpoint`; one of them is allowed; remove one")
    events_per_second = section.number(
        "events_per_second", allowed="a number above 0 is allowed", above=0, most=float("inf")
    )
    allow_placeholder_ids = section.flag("allow_placeholder_ids")
    mappings = []
    for item in _mapping_sections(section):
        mapping = read_mapping(
            item,
            _shown_name(section),
            models,
            allow_placeholder_ids=allow_placeholder_ids,
            has_all_models=has_all_models,
        )
        if mapping is not None:
            mappings.append(mapping)
    return DestinationSpec(
        name=name or _shown_name(section),
        write_key_env=write_key_env or "",
        mappings=tuple(mappings),
        region=region,
        endpoint=endpoint,
        endpoint_env=endpoint_env,
        events_per_second=events_per_second,
        allow_placeholder_ids=allow_placeholder_ids,
        position=mistakes.position(()),
    )


def _read_variable(section: Section, key: str, *, required: bool = False) -> str | None:
    """Read the name of an environment variable. What was found is never told: it may be a key."""
    example = "SEGMENT_WRITE_KEY" if key == "write_key_env" else "SEGMENT_ENDPOINT"
    value = section.values.get(key)
    todo = f"write the NAME of an environment variable, such as {example}"
    if value is None:
        if required:
            section.note(key, f"is missing; {todo}")
        return None
    if isinstance(value, str) and _VARIABLE.fullmatch(value) and not is_key_like(value):
        return value
    pasted = isinstance(value, str) and is_key_like(value)
    found = "found what looks like a key itself" if pasted else "found what can't be such a name"
    rule = "capital letters, digits and underscores are allowed"
    more = "; a key doesn't belong in a file: if it was ever committed, make a new one"
    section.note(key, f"{found} (not shown); {rule}; {todo}{more if pasted else ''}")
    return None


def _read_endpoint(section: Section) -> str | None:
    """Read an http(s) URL without user, query and API path."""
    endpoint = section.text("endpoint")
    if endpoint is None:
        return None
    try:
        url = urlsplit(endpoint)
        has_host, _ = bool(url.hostname), url.port
    except ValueError:  # a port that is no number, a bracket that is never closed
        has_host = False
        url = urlsplit("")
    rule = "an http:// or https:// URL is allowed; write one such as http://localhost:8090"
    if "@" in endpoint:
        section.note("endpoint", f"found a URL with a user or key in it (not shown); {rule}")
    elif url.scheme not in {"http", "https"} or not has_host or re.search(r"\s", endpoint):
        section.wrong("endpoint", rule)
    elif url.query or url.fragment:
        section.wrong("endpoint", "a URL without ? and # is allowed", "remove that part")
    elif re.search(r"/v1(/|$)", url.path):
        section.wrong("endpoint", "a URL without the API's path is allowed", "remove /v1 from it")
    else:
        return endpoint.rstrip("/")
    return None


def _shown_name(section: Section) -> str:
    """Return the name as mistakes tell it, `?` where there is none."""
    name = section.values.get("name")
    return masked(name) if isinstance(name, str) and name else "?"


def _mapping_sections(section: Section) -> Iterator[Section]:
    """Yield the mappings as written; note one too many, and names that can't stand together."""
    names: dict[str, Section] = {}
    what = "mappings {name, source, action, fields, ...}"
    given = section.values.get("mappings")
    if isinstance(given, list | tuple) and len(given) > MAX_MAPPINGS:
        told = f"found {len(given)} mappings; at most {MAX_MAPPINGS} are allowed, as at Segment"
        section.mistakes.add(
            (*section.at("mappings"), MAX_MAPPINGS),
            f"{told}; move the rest to a second destination of the same write_key_env",
        )
    for item in section.objects("mappings", what=what):
        yield item
        name = item.values.get("name")
        if isinstance(name, str) and name in names:
            item.note("name", f"{shown(name)} is the name of another mapping of this destination; "
                              "names are unique; rename one of them")  # fmt: skip
        elif isinstance(name, str):
            names[name] = item
    for name, item in names.items():
        if problem := name_problem(name, names):
            item.note("name", problem)
