"""The three ways to declare give one asset graph: own YAML, a dg project, Python."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster.components.core.component_tree import ComponentTreeException
from sample_shop import DESTINATION, WAREHOUSE, write_project

from segment_assets import SegmentDestination, Warehouse
from segment_assets.errors import DeclarationError

_PYPROJECT = """
[tool.dg]
directory_type = "project"
[tool.dg.project]
root_module = "{name}"
code_location_name = "{name}"
"""

#: key: (dependencies, group, kinds, owners, tags but kinds)
_GOLDEN: dict[str, Any] = {
    "plan/production/customers_identify_plan": (
        ["shop/customers"],
        "production",
        ["identify", "segment"],
        ["team:growth"],
        {"segment_assets/action": "identify", "tier": "gold"},
    ),
    "plan/production/orders_track_plan": (
        ["shop/orders"],
        "production",
        ["segment", "track"],
        [],
        {"segment_assets/action": "track"},
    ),
    "segment_sync/production/customers_identify": (
        ["plan/production/customers_identify_plan"],
        "production",
        ["identify", "segment"],
        ["team:growth"],
        {"segment_assets/action": "identify", "tier": "gold"},
    ),
    "segment_sync/production/orders_track": (
        ["plan/production/orders_track_plan"],
        "production",
        ["segment", "track"],
        [],
        {"segment_assets/action": "track"},
    ),
    "shop/customers": ([], "shop", ["duckdb"], [], {}),
    "shop/orders": ([], "shop", ["duckdb"], [], {}),
}


def test_own_yaml_gives_the_golden_graph(definitions: dg.Definitions) -> None:
    """Declarations read by the app itself give exactly these assets."""
    assert _graph(definitions) == _GOLDEN


def test_dg_project_gives_the_same_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dg project that names the component types gives the same assets, checks, jobs and ticks."""
    definitions = _load_dg_project(tmp_path, monkeypatch, "dg_shop_equal")

    assert _graph(definitions) == _GOLDEN
    assert {job.name for job in definitions.jobs or ()} == {
        "production__all",
        "production__customers_identify",
        "production__customers_identify__plan",
        "production__orders_track",
        "production__orders_track__plan",
    }
    assert len(list(definitions.resolve_all_asset_keys())) == len(_GOLDEN)


def test_python_gives_the_same_graph(shop_defs: Path) -> None:
    """Components made in Python give the same assets, without any file."""
    warehouse = yaml.safe_load(WAREHOUSE)["attributes"]
    warehouse["database"] = shop_defs / "shop" / "shop.duckdb"
    destination = yaml.safe_load(DESTINATION)["attributes"]

    component = SegmentDestination(**destination, warehouses=[Warehouse(**warehouse)])

    assert _graph(component.build_definitions()) == _GOLDEN


def test_mistake_in_dg_project_is_told_with_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong field of a mapping is reported at its own line, also where dg reads the file."""
    wrong = DESTINATION.replace("event_name: Order", "event_nam: Order")
    line = next(n for n, text in enumerate(wrong.splitlines(), 1) if "event_nam:" in text)

    with pytest.raises(ComponentTreeException) as caught:
        _load_dg_project(tmp_path, monkeypatch, "dg_shop_wrong", destination=wrong)

    assert f"defs.yaml:{line}: production/orders_track" in _whole_text(caught.value)


def test_relative_database_in_python_is_refused() -> None:
    """Python has no file that a path could be relative to, and the current folder would change."""
    warehouse = yaml.safe_load(WAREHOUSE)["attributes"]

    with pytest.raises(DeclarationError, match=r"shop.duckdb is relative.*Path\(__file__\)"):
        Warehouse(**warehouse).build_spec()


def test_models_built_in_the_same_location_need_no_spec(shop_defs: Path) -> None:
    """With `asset_specs: false`, a table that this very location builds is defined once."""
    warehouse = yaml.safe_load(WAREHOUSE)["attributes"]
    warehouse["database"] = shop_defs / "shop" / "shop.duckdb"
    destination = yaml.safe_load(DESTINATION)["attributes"]

    @dg.asset(key=["shop", "customers"])
    def customers() -> None: ...

    component = SegmentDestination(
        **destination, warehouses=[Warehouse(**warehouse, asset_specs=False)]
    )
    merged = dg.Definitions.merge(dg.Definitions(assets=[customers]), component.build_definitions())

    graph = merged.resolve_asset_graph()
    assert graph.get(dg.AssetKey(["shop", "customers"])).is_materializable


def _load_dg_project(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, destination: str = DESTINATION
) -> dg.Definitions:
    (folder / "pyproject.toml").write_text(_PYPROJECT.format(name=name))
    package = folder / name
    package.mkdir()
    (package / "__init__.py").touch()
    defs = write_project(package)
    (defs / "__init__.py").touch()
    # `a_first` sorts before the warehouse: the order of folders must not matter.
    (defs / "production").rename(defs / "a_first")
    (defs / "a_first" / "defs.yaml").write_text(destination)
    monkeypatch.syspath_prepend(str(folder))
    return dg.load_from_defs_folder(path_within_project=package)


def _graph(definitions: dg.Definitions) -> dict[str, Any]:
    return {
        spec.key.to_user_string(): (
            sorted(dep.asset_key.to_user_string() for dep in spec.deps),
            spec.group_name,
            sorted(spec.kinds),
            list(spec.owners),
            {key: value for key, value in spec.tags.items() if "/kind/" not in key},
        )
        for spec in definitions.resolve_all_asset_specs()
    }


def _whole_text(error: BaseException | None) -> str:
    texts = []
    while error is not None:
        texts.append(str(error))
        error = error.__cause__ or error.__context__
    return "\n".join(texts)
