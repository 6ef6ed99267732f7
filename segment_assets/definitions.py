"""The one entry point: what Dagster loads, named by workspace.yaml and pyproject.toml."""

import os
from pathlib import Path

import dagster as dg

from segment_assets.declare.build import load_project
from segment_assets.orchestration.factory import build_definitions


def declarations_folder() -> Path:
    """Return the folder of declarations: SEGMENT_ASSETS_DEFS, else the app's own."""
    named = os.environ.get("SEGMENT_ASSETS_DEFS")
    return Path(named).absolute() if named else Path(__file__).with_name("defs")


@dg.definitions
def defs() -> dg.Definitions:
    """Build everything that is declared. Raises `DeclarationError` with every mistake at once."""
    return build_definitions(load_project(declarations_folder()))
