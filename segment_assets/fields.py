"""The field table of the actions: each field and sub-field once, as data.

The contract's schemas, the payload, the JSON Schema for editors and the README's table all
derive from it. Keys and wire paths are those of Segment's own "Segment Connections" destination
and of Segment's spec; where this product differs on purpose (the device's spelling, Send Screen's
timezone, consent that is absent unless mapped, the alias action) the README says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from segment_assets.handoff import Action

#: Every action, in the order in which documents list them.
ACTIONS: Final[tuple[Action, ...]] = ("page", "screen", "track", "identify", "group", "alias")

FieldType = Literal["id", "text", "timestamp", "object"]
SubFieldType = Literal["text", "number", "boolean"]


@dataclass(frozen=True, slots=True)
class SubField:
    """One member of a closed object field. `wire` is its key inside the outgoing object."""

    key: str
    label: str
    type: SubFieldType
    wire: str
    description: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field that a mapping can fill.

    `wire` gives per action the paths in the outgoing JSON, with dots; a path that ends in `.*`
    takes the members of the object instead of the object. `required_by` names the actions that
    can't do without the field. `is_open` objects take any key, others only `sub_fields`.
    `is_hidden` fields need no mapping in most projects; `default` is what they then read.
    `is_own` marks what Segment's destination doesn't have.
    """

    key: str
    label: str
    type: FieldType
    description: str
    actions: tuple[Action, ...]
    required_by: tuple[Action, ...]
    wire: Mapping[Action, tuple[str, ...]]
    sub_fields: tuple[SubField, ...] = ()
    is_open: bool = False
    is_hidden: bool = False
    is_own: bool = False
    default: str | None = None


_FIVE: Final[tuple[Action, ...]] = ACTIONS[:5]


def _field(
    key: str,
    label: str,
    kind: FieldType,
    description: str,
    *paths: str,
    actions: tuple[Action, ...] = ACTIONS,
    required_by: tuple[Action, ...] = (),
    special: Mapping[Action, tuple[str, ...]] = MappingProxyType({}),
    sub_fields: tuple[SubField, ...] = (),
    is_open: bool = False,
    is_hidden: bool = False,
    is_own: bool = False,
    default: str | None = None,
) -> Field:
    """Write a field whose paths are the same for all its actions, but for the `special` ones."""
    wire = {action: special.get(action, paths) for action in actions}
    return Field(
        key, label, kind, description, actions, required_by, MappingProxyType(wire),
        sub_fields, is_open, is_hidden, is_own, default,
    )  # fmt: skip


def _subs(*rows: tuple[str, str, SubFieldType, str]) -> tuple[SubField, ...]:
    """Write sub-fields as (key or key=wire, label, type, description)."""
    subs = []
    for name, label, kind, description in rows:
        key, _, wire = name.partition("=")
        subs.append(SubField(key, label, kind, wire or key, description))
    return tuple(subs)


_APPLICATION = _subs(
    ("name", "Name", "text", "What the app is called."),
    ("version", "Version", "text", "The release of the app, such as 2.4.1."),
    ("build", "Build", "text", "The build number of that release."),
    ("namespace", "Namespace", "text", "The app's bundle or package id, such as com.example.shop."),
)
_CAMPAIGN = _subs(
    ("name", "Name", "text", "The campaign itself (utm_campaign)."),
    ("source", "Source", "text", "Who sent the visitor (utm_source)."),
    ("medium", "Medium", "text", "By which kind of channel, such as email (utm_medium)."),
    ("term", "Term", "text", "The search words that were paid for (utm_term)."),
    ("content", "Content", "text", "Which of several ads or links it was (utm_content)."),
)
_DEVICE = _subs(
    ("id", "Device ID", "text", "The device's own id."),
    ("advertising_id=advertisingId", "Advertising ID", "text", "The IDFA or Android ad id."),
    ("adTracking_Enabled=adTrackingEnabled", "Ad Tracking Enabled", "boolean",
     "Whether the owner lets ads follow the device."),
    ("manufacturer", "Manufacturer", "text", "Who made the device."),
    ("model", "Model", "text", "The maker's model, such as iPhone15,2."),
    ("name", "Name", "text", "The device's name."),
    ("type", "Type", "text", "The kind of device, such as ios or android."),
    ("token", "Token", "text", "The token under which it receives push messages."),
)  # fmt: skip
_LOCATION = _subs(
    ("city", "City", "text", "Town of the user at the time."),
    ("country", "Country", "text", "Country of the user at the time."),
    ("latitude", "Latitude", "number", "Degrees north of the equator."),
    ("longitude", "Longitude", "number", "Degrees east of Greenwich."),
    ("speed", "Speed", "number", "How fast the device was moving."),
)
_NETWORK = _subs(
    ("bluetooth", "Bluetooth", "boolean", "Whether Bluetooth was on."),
    ("carrier", "Carrier", "text", "The mobile operator."),
    ("cellular", "Cellular", "boolean", "Whether mobile data was in use."),
    ("wifi", "Wi-Fi", "boolean", "Whether Wi-Fi was in use."),
)
_SYSTEM = _subs(
    ("name", "Name", "text", "The operating system, such as Android."),
    ("version", "Version", "text", "Its version."),
)
_PAGE = _subs(
    ("path", "Path", "text", "The part of the address after the host."),
    ("referrer", "Referrer", "text", "Address of the page that led here."),
    ("search", "Search", "text", "The query string, from its question mark on."),
    ("title", "Title", "text", "The page's title."),
    ("url", "URL", "text", "The page's full address."),
)
_SCREEN = _subs(
    ("density", "Density", "number", "Physical pixels per logical pixel."),
    ("height", "Height", "number", "Height in pixels."),
    ("width", "Width", "number", "Width in pixels."),
)
_ADDRESS = _subs(
    ("street", "Street", "text", "Street and house number."),
    ("city", "City", "text", "Town."),
    ("state", "State", "text", "State, province or region."),
    ("country", "Country", "text", "Country."),
    ("postalCode", "Postal code", "text", "Postal or ZIP code."),
)

#: Every field. The order is that of documents and of keys in a call; a field that writes into
#: the same object as an earlier one (`properties` after `page`, `address` after `traits`) wins.
FIELDS: Final[tuple[Field, ...]] = (
    _field("user_id", "User ID", "id",
           "The user's id in your database. Each call needs this or an anonymous id; alias needs "
           "this one.", "userId", required_by=("alias",)),
    _field("anonymous_id", "Anonymous ID", "id",
           "An id for someone whose user id isn't known yet.", "anonymousId", actions=_FIVE),
    _field("previous_id", "Previous ID", "id",
           "The id by which the user was known until now; it is joined to the user id.",
           "previousId", actions=("alias",), required_by=("alias",), is_own=True),
    _field("timestamp", "Timestamp", "timestamp",
           "When it happened: an ISO 8601 date or date-time. Without a zone it is read as UTC; "
           "without a value Segment uses the time of arrival.", "timestamp"),
    _field("event_name", "Event Name", "text", "What the user did, such as Order Completed.",
           "event", actions=("track",), required_by=("track",)),
    _field("page_name", "Page Name", "text", "Which page was seen, such as Pricing.",
           "name", "properties.name", actions=("page",)),
    _field("page_category", "Page Category", "text", "The group of pages it belongs to.",
           "properties.category", actions=("page",)),
    _field("screen_name", "Screen Name", "text", "Which screen of the app was seen.",
           "name", "properties.name", actions=("screen",)),
    _field("group_id", "Group ID", "id",
           "The company, team or account in which the user acts; group calls are about it.",
           "context.groupId", actions=_FIVE, required_by=("group",),
           special={"group": ("groupId",)}),
    _field("application", "Application", "object", "The app in which it happened.",
           "context.app", sub_fields=_APPLICATION),
    _field("campaign_parameters", "Campaign Parameters", "object",
           "The marketing campaign that brought the user here.",
           "context.campaign", sub_fields=_CAMPAIGN),
    _field("device", "Device", "object", "The device that was used.",
           "context.device", sub_fields=_DEVICE),
    _field("ip_address", "IP Address", "text", "The user's IP address.", "context.ip"),
    _field("locale", "Locale", "text", "The user's language and region, such as nb-NO.",
           "context.locale"),
    _field("location", "Location", "object", "Where the user was.",
           "context.location", sub_fields=_LOCATION),
    _field("network", "Network", "object", "How the device was connected.",
           "context.network", sub_fields=_NETWORK),
    _field("operating_system", "Operating System", "object", "What the device runs.",
           "context.os", sub_fields=_SYSTEM),
    _field("page", "Page", "object",
           "The page on which it happened; a page call also gets these as properties.",
           "context.page", special={"page": ("context.page", "properties.*")},
           sub_fields=_PAGE),
    _field("screen", "Screen", "object", "The size of the device's screen.",
           "context.screen", sub_fields=_SCREEN),
    _field("user_agent", "User Agent", "text", "The browser's or client's own description.",
           "context.userAgent"),
    _field("timezone", "Timezone", "text", "The user's timezone, such as Europe/Oslo.",
           "context.timezone"),
    _field("properties", "Properties", "object",
           "Whatever else describes the event, by any key; these win over all other sources.",
           "properties.*", actions=("page", "screen", "track"), is_open=True),
    _field("traits", "Traits", "object",
           "What is known of the user (of the group, in a group call), by any key.",
           "traits.*", actions=("track", "identify", "group"),
           special={"track": ("context.traits.*",)}, is_open=True),
    _field("address", "Address", "object",
           "The user's postal address; replaces an address among the traits as a whole.",
           "traits.address", actions=("identify",), sub_fields=_ADDRESS),
    _field("message_id", "Message ID", "text",
           "What Segment tells repeated calls by: unique, at most 100 characters. By default "
           "derived from record and content, so that a retry is never counted twice.",
           "messageId", is_hidden=True, default="$.messageId"),
    _field("consent", "Consent", "object",
           "The user's choices: categoryPreferences holds a boolean per category, where null "
           "means no. Left out of the call unless mapped.",
           "context.consent", is_open=True, is_hidden=True),
)  # fmt: skip

#: Objects that a call of the action has even when nothing is mapped into them.
ALWAYS_SENT: Final[Mapping[Action, tuple[str, ...]]] = MappingProxyType({
    "page": ("context", "properties"),
    "screen": ("context", "properties"),
    "track": ("context", "context.traits", "properties"),
    "identify": ("context", "traits"),
    "group": ("context", "traits"),
    "alias": ("context",),
})  # fmt: skip

_BY_ACTION = {
    action: {field.key: field for field in FIELDS if action in field.actions} for action in ACTIONS
}


def fields_of(action: Action) -> dict[str, Field]:
    """Return the action's fields by key, in the order of `FIELDS`. Raises `KeyError`."""
    return dict(_BY_ACTION[action])
