"""The planted faults are what a plan of the sample mappings finds, no more and no less."""

from pathlib import Path

import pytest

from segment_assets.checkup import check_declarations
from segment_assets.declare.build import load_project
from segment_assets.demo.declarations import write_declarations
from segment_assets.demo.shop import PLANTED, PLANTED_COPIES, READ_ROWS, make_shop
from segment_assets.sync import plan_sync
from segment_assets.warehouse import open_warehouse


def test_the_sample_gives_only_true_warnings(tmp_path: Path) -> None:
    """One company has no owner, and companies have no consent of their own; nothing else hurts."""
    make_shop(tmp_path / "shop.duckdb", is_small=True)
    write_declarations(tmp_path / "defs", endpoint=None, database=tmp_path / "shop.duckdb")
    found = check_declarations(tmp_path / "defs")

    assert found.mistakes == ()
    consent, owner = (warning.split(": ", 1)[1] for warning in found.warnings)
    assert consent.startswith("production/companies_group: fields: no consent is mapped, while ")
    assert owner.startswith(
        "production/companies_group: fields.user_id: reads owner_id, which isn't"
    )


def test_a_plan_finds_the_planted_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mapping's first plan reads all rows, refuses the planted ones, and is not blocked."""
    monkeypatch.delenv("SEGMENT_ASSETS_HOME", raising=False)
    make_shop(tmp_path / "shop.duckdb")
    write_declarations(tmp_path / "defs", endpoint=None, database=tmp_path / "shop.duckdb")
    project = load_project(tmp_path / "defs")
    warehouse = open_warehouse(project.warehouses[0])

    for mapping in project.destinations[0].mappings:
        report = plan_sync(mapping.sync, warehouse)

        name = mapping.sync.name
        held = {code: report.counts[code] for code in ("null_key", "duplicate_key")}
        found = {code: n for code, n in {**held, **report.rejected_by_code}.items() if n}
        assert found == PLANTED[name], name
        assert report.counts["collapsed"] == PLANTED_COPIES.get(name, 0)
        assert report.counts["read"] == READ_ROWS[name]
        assert report.status == "approved"
        assert not report.warned_by_code
