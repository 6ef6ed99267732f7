"""What right declarations become, from YAML and from Python alike."""

from collections.abc import Mapping
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from segment_assets.declare.build import (
    build_destination,
    build_warehouse,
    find_document,
    load_project,
    locator_for,
)
from segment_assets.declare.spec import MappingSpec, Position, Project, ScheduleSpec
from segment_assets.errors import DeclarationError
from segment_assets.handoff import Gates, Model

VALID = Path(__file__).parent / "cases" / "valid"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """All of the valid cases as one project, in folders of their own."""
    for case in VALID.glob("*.yaml"):
        (tmp_path / case.stem).mkdir()
        copy(case, tmp_path / case.stem / "defs.yaml")
    second = tmp_path / "every_action" / "defs.yaml"
    second.write_text(second.read_text().replace("name: shop", "name: other"))
    return load_project(tmp_path)


def mappings_of(project: Project) -> dict[str, MappingSpec]:
    """Return the mappings by name."""
    return {
        mapping.sync.name: mapping
        for destination in project.destinations
        for mapping in destination.mappings
    }


def test_the_documented_example_loads(project: Project, tmp_path: Path) -> None:
    """The example of the documentation gives the models, the sync and its surroundings."""
    spec = mappings_of(project)["customers_identify"]
    shop = next(warehouse for warehouse in project.warehouses if warehouse.name == "shop")

    assert shop.database == tmp_path / "design_example" / "shop.duckdb"
    assert spec.sync.model == Model("shop/customers", "customer_id", table="main.customers")
    assert spec.sync.full_name == "production/customers_identify"
    assert spec.sync.fields["user_id"] == {"@path": "$.customer_id"}
    assert spec.sync.fields["message_id"] == {"@path": "$.messageId"}
    assert spec.written["user_id"] == "$.customer_id"
    assert spec.sync.gates == Gates(max_calls=100000)
    assert spec.schedule == ScheduleSpec(cron="0 * * * *", words="every hour")
    assert spec.enabled


def test_surprising_scalars_stay_text(project: Project) -> None:
    """`no`, `on`, `12:30`, dates, leading zeros and a plus stay text; numbers keep their type."""
    traits = mappings_of(project)["users"].sync.fields["traits"]

    assert traits == {
        "country": "no",
        "on": "yes",
        "opened": "12:30",
        "born": "1990-05-01",
        "zip": "0123",
        "phone": "+4799999999",
        "level": 3,
        "share": 0.5,
        "vip": True,
        "note": None,
    }


def test_schedules_become_cron_strings(project: Project) -> None:
    """Weekdays and times give one cron string per minute; cron and assets are kept."""
    mappings = mappings_of(project)

    assert mappings["screens"].schedule == ScheduleSpec(
        cron="0 9 * * 1,4",
        more_crons=("30 12,18 * * 1,4",),
        timezone="Europe/Oslo",
        words="on Monday and Thursday at 09:00, 12:30 and 18:30 (Europe/Oslo)",
    )
    assert mappings["screens"].schedule.crons == ("0 9 * * 1,4", "30 12,18 * * 1,4")
    assert mappings["pages"].schedule.cron == "0 9 * * 1-5"
    assert mappings["orders"].schedule.after == ("dbt/users", "other/table")
    assert mappings["teams"].schedule is None


def test_what_surrounds_a_mapping_is_kept(project: Project) -> None:
    """Gates that are null are off; tags are text; a YAML merge keeps its own keys first."""
    mappings = mappings_of(project)
    orders = mappings["orders"]

    assert orders.sync.when == {"added"}
    assert orders.sync.gates == Gates(
        max_rejected_percent=None, max_changed_percent=2.5, max_new_users=0
    )
    assert orders.tags == {"tier": "gold", "level": "1"}
    assert orders.sync.integrations == {"All": False, "Amplitude": {"session_id": 1}}
    assert orders.sync.allow_placeholder_ids
    assert mappings["orders_again"].sync.fields["event_name"] == {"@path": "$.event_name"}
    assert mappings["orders_again"].sync.fields["message_id"] == {"@path": "$.event_id"}
    assert mappings["orders_again"].sync.fields["user_id"] == {"@path": "$.user_id"}


def test_a_query_ends_at_its_semicolon(project: Project) -> None:
    """The trailing semicolon is taken off; one inside a literal ends nothing."""
    model = mappings_of(project)["orders"].sync.model

    assert model.query is not None
    assert model.query.endswith("note <> 'a;b'")


def test_python_gives_equal_facts(project: Project) -> None:
    """A plain dict gives the same facts as the YAML it came from."""
    destination = next(item for item in project.destinations if item.name == "staging")
    models = {mapping.source: mapping.sync.model for mapping in destination.mappings}
    document = find_document(
        VALID / "every_action.yaml", "segment_assets.SegmentDestination", "staging"
    )

    assert document is not None
    built = build_destination(document.attributes, models=models)
    assert built == destination
    assert built.position is None
    assert destination.position is not None


def test_mistakes_of_a_dict_have_no_position() -> None:
    """Python users get the same sentences, without a file."""
    attributes: Mapping[str, Any] = {"name": "shop", "engine": "duckdb", "models": [{"key": "a"}]}

    with pytest.raises(DeclarationError) as caught:
        build_warehouse(attributes, base=Path("/"))

    assert caught.value.mistakes == (
        (
            "shop: database: is missing; the path of the DuckDB file is required; write it, "
            "relative to this declaration"
        ),
        "a: table: is missing, and so is query; one of them is required; write one",
        (
            "a: primary_key: is missing; the name of one column that is unique and never null is "
            "required"
        ),
    )


def test_keys_that_are_no_text_are_refused() -> None:
    """A key that another YAML reader made a boolean is a mistake, not a field named true."""
    mapping = {"name": "a", "source": "m", "action": "identify",
               "fields": {"user_id": "$.id", "traits": {True: "$.x"}}}  # fmt: skip
    attributes = {"name": "p", "write_key_env": "KEY", "mappings": [mapping]}

    with pytest.raises(DeclarationError, match="keys are text; put it in quotes") as caught:
        build_destination(attributes, models={"m": Model("m", "id", table="m")})

    assert len(caught.value.mistakes) == 1


def test_a_file_gives_positions_to_a_component() -> None:
    """A component that knows only its file finds the line of any value in it."""
    file = VALID / "design_example.yaml"

    locate = locator_for(file, "segment_assets.SegmentDestination", "production")
    nowhere = locator_for(file, "segment_assets.Nothing", "production")

    text = file.read_text().splitlines()
    position = locate(("mappings", 0, "fields", "traits", "plan"))
    assert position is not None
    assert "traits:" in text[position.line - 1]
    assert locate(("mappings", 0, "fields", "device")) == locate(("mappings", 0, "fields"))
    assert nowhere(()) == Position(position.file, 1)
