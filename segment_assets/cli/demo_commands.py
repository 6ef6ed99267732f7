"""`demo`, `dev` and `emulate`: the main job with no account at all."""

import os
import signal
from pathlib import Path
from types import FrameType

import click

from segment_assets.cli.render import console

_KEY = "demo-write-key"
_PORT = click.IntRange(0, 65_535)
_FOLDER = click.option(
    "--folder",
    default=".segment_assets/demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the shop, its declarations and the state are made, anew each time.",
)


@click.command()
@_FOLDER
@click.option("--small", "is_small", is_flag=True, help="A shop of 6,000 rows instead of 62,150.")
def demo(folder: Path, is_small: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Send a sample shop to a local Tracking API, three times.

    Everything is made in --folder and nothing leaves the machine. The first run sends all rows,
    the second what was changed in between, the third nothing; each is compared with what the API
    received.
    """
    from segment_assets.demo.story import tell  # noqa: PLC0415 - slow

    return tell(folder.resolve(), _KEY, is_small=is_small)


@click.command()
@_FOLDER
@click.option("--port", default=3000, show_default=True, type=_PORT, help="Port of the Dagster UI.")
@click.option(
    "--emulator-port",
    default=8765,
    show_default=True,
    type=_PORT,
    help="Port of the local Tracking API; 0 takes any free one.",
)
def dev(folder: Path, port: int, emulator_port: int) -> int:
    """Start the Dagster UI on the sample shop.

    A local Tracking API with its debugger page runs beside it. Ctrl-C ends both.
    """
    from segment_assets.demo.development import serve_development  # noqa: PLC0415 - slow

    return serve_development(folder.resolve(), _KEY, port, emulator_port)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8765, show_default=True, type=_PORT, help="0 takes any free port.")
@click.option("--write-key-env", help="Variable with the only key to know (default: any key).")
def emulate(host: str, port: int, write_key_env: str | None) -> None:
    """Run a local Tracking API with the real one's limits.

    Its address shows a page with the calls it received. Ctrl-C ends it, and it forgets everything.
    """
    from segment_assets.emulator.server import serve  # noqa: PLC0415 - slow

    key = os.environ.get(write_key_env) if write_key_env else None
    if write_key_env and not key:
        raise click.UsageError(f"The environment variable {write_key_env} is not set.")
    signal.signal(signal.SIGTERM, _stop)
    try:
        serve(host, port, write_keys={key} if key else None, announce=_announce)
    except OSError as error:
        raise click.UsageError(f"Port {port} of {host} can't be had: {error.strerror}.") from error


def _announce(url: str) -> None:
    console.print(
        f"A local Tracking API listens at {url}\n"
        f"Point a destination at it with `endpoint: {url}`. Stop it with Ctrl-C."
    )


def _stop(_number: int, _frame: FrameType | None) -> None:
    """End as on Ctrl-C: a signal that stops a server is no failure of it."""
    raise KeyboardInterrupt
