"""The command line, `segment-assets`. Exit 0: all well, 1: rows owed or refused, 2: used wrongly."""

import sys

import click

from segment_assets.cli.groups import LazyGroup
from segment_assets.errors import (
    CredentialError,
    DeclarationError,
    MappingError,
    SegmentAssetsError,
)

#: Command -> (module below `segment_assets.cli`, its function). Imported when called.
_COMMANDS = {
    "approve": ("state_commands", "approve"),
    "check": ("check_commands", "check"),
    "deliver": ("run_commands", "deliver"),
    "demo": ("demo_commands", "demo"),
    "dev": ("demo_commands", "dev"),
    "emulate": ("demo_commands", "emulate"),
    "plan": ("run_commands", "plan"),
    "rejected": ("state_commands", "rejected"),
    "schema": ("check_commands", "schema"),
    "status": ("state_commands", "status"),
    "sync": ("run_commands", "sync"),
    "test-mapping": ("check_commands", "test_mapping"),
}


@click.group(cls=LazyGroup, commands_by_name=_COMMANDS)
@click.option(
    "--defs",
    type=click.Path(file_okay=False),
    envvar="SEGMENT_ASSETS_DEFS",
    help="Folder of YAML declarations (default: SEGMENT_ASSETS_DEFS, else the app's own).",
)
@click.version_option(package_name="segment-assets")
@click.pass_context
def cli(context: click.Context, defs: str | None) -> None:
    """Send warehouse rows to Segment: no row lost, none sent twice on purpose."""
    context.obj = defs


def main() -> None:
    """Run the command line and exit. Errors of this package become one sentence on stderr."""
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (DeclarationError, MappingError, CredentialError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    except SegmentAssetsError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
