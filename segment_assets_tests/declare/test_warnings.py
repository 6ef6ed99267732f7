"""What is allowed and will hurt: each warning, and what gives none."""

from typing import Any

import pytest

from segment_assets.declare.build import build_destination
from segment_assets.declare.reserved_traits import kind_of_type, reserved_kind
from segment_assets.declare.spec import MappingSpec, Position
from segment_assets.declare.warnings import warn_of_consent, warn_of_mapping
from segment_assets.handoff import Column, Model

_MODEL = Model("shop/people", "id", table="people")
_IDENTIFY: dict[str, Any] = {"user_id": "$.id"}


def mappings_of(*given: dict[str, Any]) -> tuple[MappingSpec, ...]:
    """Build mappings of shop/people, named a, b, ...; a position is the depth of its path."""
    mappings = [
        {"name": "abc"[at], "source": "shop/people", "action": "identify", **attributes}
        for at, attributes in enumerate(given)
    ]
    destination = build_destination(
        {"name": "prod", "write_key_env": "KEY", "mappings": mappings},
        models={_MODEL.key: _MODEL},
        locate=lambda path: Position("defs.yaml", len(path)),
    )
    return destination.mappings


def warnings_of(
    fields: dict[str, Any], *columns: Column, action: str = "identify", known: bool = True
) -> list[str]:
    """Return what is warned of in one mapping, in lines."""
    (mapping,) = mappings_of({"action": action, "fields": fields})
    return [str(one) for one in warn_of_mapping(mapping, columns if known else None)]


def test_a_track_without_timestamp_is_warned_of() -> None:
    """Its events would be dated at their arrival; other calls describe what is true now."""
    fields = {"user_id": "$.id", "event_name": "Order Completed"}

    assert warnings_of(fields, action="track") == [
        (
            "defs.yaml:3: prod/a: fields: no timestamp is mapped, so Segment dates every event at "
            "its "
            "arrival, old ones too; map timestamp to the column that says when it happened"
        )
    ]
    assert warnings_of({**fields, "timestamp": "$.at"}, action="track", known=False) == []
    assert warnings_of(_IDENTIFY) == []


def test_a_user_id_that_can_be_null_is_warned_of() -> None:
    """Only where the catalog says so, it isn't the primary key, and nothing else tells who."""
    owner = Column("owner", "VARCHAR", is_nullable=True)

    assert warnings_of({"user_id": "$.owner"}, owner) == [
        (
            "defs.yaml:4: prod/a: fields.user_id: reads owner, which isn't NOT NULL: a row "
            "without it "
            "is rejected as missing_id; filter such rows in the model, or map anonymous_id as well"
        )
    ]
    assert warnings_of({"user_id": "$.properties.owner"}, owner) != []
    assert warnings_of({"user_id": "$.owner", "anonymous_id": "$.cookie"}, owner) == []
    assert warnings_of(_IDENTIFY, Column("id", "VARCHAR", is_nullable=True)) == []
    for is_nullable in (None, False):
        column = Column("owner", "VARCHAR", is_nullable=is_nullable)
        assert warnings_of({"user_id": "$.owner"}, column) == []


@pytest.mark.parametrize(
    ("action", "trait", "type_name", "wanted"),
    [
        ("identify", "createdAt", "VARCHAR", "a date or timestamp"),
        ("identify", "created_at", "BIGINT", "a date or timestamp"),
        ("identify", "birthday", "INTEGER", "a date or timestamp"),
        ("identify", "age", "VARCHAR", "a number"),
        ("identify", "phone", "BIGINT", "text"),
        ("track", "email", "BOOLEAN", "text"),
        ("identify", "first_name", "VARCHAR[]", "text"),
        ("identify", "address", "VARCHAR", "an object"),
        ("group", "plan", "INTEGER", "text"),
        ("identify", "created_at", "TIMESTAMP WITH TIME ZONE", None),
        ("identify", "birthday", "DATE", None),
        ("identify", "age", "DECIMAL(18,2)", None),
        ("identify", "email", "ENUM('a', 'b')", None),
        ("identify", "address", "STRUCT(city VARCHAR)", None),
        ("identify", "address", "JSON", None),
        ("identify", "plan", "INTEGER", None),
        ("group", "age", "VARCHAR", None),
        ("group", "employees", "BIGINT", None),
    ],
)
def test_reserved_traits_of_another_kind(
    action: str, trait: str, type_name: str, wanted: str | None
) -> None:
    """A trait that Segment's spec reserves is warned of where its column is of another kind."""
    fields = {"user_id": "$.id", "traits": {trait: "$.it"}, "timestamp": "$.at"}
    required = {"group": {"group_id": "$.id2"}, "track": {"event_name": "Signed Up"}}

    found = warnings_of(
        {**fields, **required.get(action, {})}, Column("it", type_name), action=action
    )

    expected = [
        (
            f"defs.yaml:5: prod/a: fields.traits.{trait}: Segment's spec reserves {trait} for "
            f"{wanted}, and it is {type_name}: tools may ignore it; map {wanted}, or rename the "
            "trait"
        )
    ]
    assert found == (expected if wanted else [])


def test_kinds_of_types() -> None:
    """A type that can hold anything, and one that isn't known, have no kind."""
    assert [kind_of_type(name) for name in ("JSON", "VARIANT", "GEOMETRY", "VARCHAR")] == [
        None, None, None, "text",
    ]  # fmt: skip
    assert reserved_kind("identify", "shoe_size") is None


def test_only_a_plain_column_has_a_kind() -> None:
    """What a directive or a path into JSON makes isn't known before there are rows."""
    traits = {"age": {"@template": "{{n}}"}, "email": "$.n.email", "name": {"@if": {
        "exists": "$.n", "then": "$.n", "else": "?"}}}  # fmt: skip

    assert warnings_of({**_IDENTIFY, "traits": traits}, Column("n", "INTEGER")) == []


def test_one_column_in_two_members_of_an_object() -> None:
    """Two ids or two traits of one column are a slip; a city in two objects is meant."""
    fields = {
        "user_id": "$.id",
        "anonymous_id": {"@column": "id"},
        "traits": {"first": "$.name", "last": "$.properties.name", "a": "$.j.x", "b": "$.j.y"},
        "location": {"city": "$.city"},
        "address": {"city": "$.city"},
    }

    assert warnings_of(fields) == [
        (
            "defs.yaml:4: prod/a: fields.anonymous_id: reads 'id', as fields.user_id does; "
            "correct it "
            "if one of them was meant to read another column"
        ),
        (
            "defs.yaml:5: prod/a: fields.traits.last: reads 'name', as fields.traits.first does; "
            "correct it if one of them was meant to read another column"
        ),
    ]


def test_consent_that_other_mappings_have() -> None:
    """A mapping without consent beside one with it is warned of, alone it isn't."""
    consent = {"categoryPreferences": {"Ads": "$.ads_opt_in"}}
    pair = mappings_of({"fields": {**_IDENTIFY, "consent": consent}}, {"fields": _IDENTIFY})

    assert [str(one) for one in warn_of_consent(pair, {})] == [
        (
            "defs.yaml:3: prod/b: fields: no consent is mapped, while a of this destination maps "
            "it: "
            "these calls go without the user's choices; map consent, if the model has it"
        )
    ]
    assert warn_of_consent(mappings_of({"fields": _IDENTIFY}), {}) == []


def test_consent_columns_that_no_category_reads() -> None:
    """Boolean columns called like a choice are told, whether or not consent is mapped at all."""
    names = ("ads_opt_in", "consent_email", "opted_out", "has_consent", "is_open", "adoption")
    columns = [*(Column(name, "BOOLEAN") for name in names), Column("consent_at", "TIMESTAMP")]
    consent = {"categoryPreferences": {"Ads": {"@if": {
        "exists": "$.ads_opt_in", "then": "$.ads_opt_in", "else": "$.has_consent"}}}}  # fmt: skip
    both = mappings_of({"fields": {**_IDENTIFY, "consent": consent}}, {"fields": _IDENTIFY})

    assert [str(one) for one in warn_of_consent(both, {"shop/people": columns})] == [
        (
            "defs.yaml:4: prod/a: fields.consent: shop/people has consent_email, opted_out, which "
            "no "
            "category of consent reads; map consent: {categoryPreferences: {<category>: "
            "$.consent_email}}, if it is the user's choice"
        ),
        (
            "defs.yaml:3: prod/b: fields: shop/people has ads_opt_in, consent_email, opted_out, "
            "has_consent, which no category of consent reads; map consent: {categoryPreferences: "
            "{<category>: $.ads_opt_in}}, if it is the user's choice"
        ),
    ]
