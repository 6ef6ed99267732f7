"""`demo`, `dev` and `emulate`: the main job with no account at all."""

import os
from pathlib import Path

import click

from segment_assets.cli.render import console

_KEY = "demo-write-key"
_FOLDER = click.option(
    "--folder",
    default=".segment_assets/demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the shop, its declarations and the state are made, anew each time.",
)


@click.command()
@_FOLDER
def demo(folder: Path) -> int:
    """Make a sample shop, send it to a local Tracking API, change it, and send what changed."""
    from segment_assets.demo.story import tell  # noqa: PLC0415 - slow

    return tell(folder.resolve(), _KEY)


@click.command()
@_FOLDER
@click.option("--port", default=3000, show_default=True, help="Port of the Dagster UI.")
@click.option("--emulator-port", default=8765, show_default=True, help="Port of the emulator.")
def dev(folder: Path, port: int, emulator_port: int) -> int:
    """Start the Dagster UI on the sample shop, with the emulator beside it."""
    from segment_assets.demo.development import serve_development  # noqa: PLC0415 - slow

    return serve_development(folder.resolve(), _KEY, port, emulator_port)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8765, show_default=True, help="0 takes any free port.")
@click.option("--write-key-env", help="Variable with the only key to know (default: any key).")
def emulate(host: str, port: int, write_key_env: str | None) -> None:
    """Run a local Tracking API with the real one's limits, and its debugger page."""
    from segment_assets.emulator.server import serve  # noqa: PLC0415 - slow

    key = os.environ.get(write_key_env) if write_key_env else None
    if write_key_env and not key:
        raise click.UsageError(f"the environment variable {write_key_env} is not set")
    console.print("Stop it with Ctrl-C. Point a destination at it with `endpoint:`.")
    serve(host, port, write_keys={key} if key else None)
