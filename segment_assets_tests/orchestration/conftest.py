"""Fixtures: the sample shop as declarations, as definitions, and with an emulator to send to."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from segment_assets.declare.build import load_project
from segment_assets.emulator.server import Emulator
from segment_assets.orchestration.factory import build_definitions

# importlib mode puts no test folder on the path: the sample is loaded by its place.
_SPEC = importlib.util.spec_from_file_location(
    "sample_shop", Path(__file__).with_name("sample_shop.py")
)
assert _SPEC is not None
assert _SPEC.loader is not None
sample_shop = importlib.util.module_from_spec(_SPEC)
sys.modules["sample_shop"] = sample_shop
_SPEC.loader.exec_module(sample_shop)


@pytest.fixture
def shop_defs(tmp_path: Path) -> Path:
    """Return the folder of the sample shop's declarations, beside a real database."""
    return sample_shop.write_project(tmp_path)


@pytest.fixture
def definitions(shop_defs: Path) -> dg.Definitions:
    """Return the sample shop as Dagster sees it."""
    return build_definitions(load_project(shop_defs))


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Run an emulator that the sample shop sends to, with state below the test's own folder."""
    with Emulator(write_keys={sample_shop.WRITE_KEY}) as running:
        monkeypatch.setenv("ORCHESTRATION_WRITE_KEY", sample_shop.WRITE_KEY)
        monkeypatch.setenv("ORCHESTRATION_ENDPOINT", running.url)
        monkeypatch.setenv("SEGMENT_ASSETS_HOME", str(tmp_path / "state"))
        monkeypatch.delenv("DAGSTER_HOME", raising=False)
        yield running
