"""What `import segment_assets` gives, and what it does not load."""

import subprocess
import sys

import segment_assets


def test_exported_names_are_sorted_and_exist() -> None:
    """Every name of `__all__` is there, and the list is in order."""
    assert segment_assets.__all__ == sorted(segment_assets.__all__)
    assert all(getattr(segment_assets, name) for name in segment_assets.__all__)


def test_preview_is_the_function_after_its_module_was_imported() -> None:
    """The module of the same name doesn't take the function's place."""
    code = (
        "import segment_assets.preview, segment_assets\n"
        "from segment_assets.preview import preview\n"
        "assert segment_assets.preview is preview"
    )

    _run(code)


def test_core_loads_no_dagster() -> None:
    """Planning and delivering work without Dagster in memory."""
    _run("import sys, segment_assets.sync; assert 'dagster' not in sys.modules")


def test_loading_definitions_opens_no_driver() -> None:
    """Dagster loads the declarations without pandas, pandera, duckdb, httpx and pyarrow."""
    code = (
        "import sys\n"
        "from segment_assets.definitions import defs\n"
        "defs().get_repository_def()\n"
        "heavy = {'pandas', 'pandera', 'duckdb', 'httpx', 'pyarrow'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )

    _run(code)


def _run(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
