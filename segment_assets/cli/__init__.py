"""The command line, `segment-assets`.

Exit codes: 0 all well, 1 rows owed or refused, 2 used wrongly.
"""

import json
import sys
from collections.abc import Sequence

import click

from segment_assets.cli.groups import LazyGroup
from segment_assets.errors import DeclarationError, PlanBlocked, SegmentAssetsError, UserError

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
    "test-mapping": ("trial_commands", "test_mapping"),
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
    """Run the command line of this process and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Errors of this package become one sentence on stderr; with `--json` also a document on stdout,
    which then is the only one there.
    """
    try:
        code = cli.main(list(arguments), prog_name="segment-assets", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return _tell_machines(arguments, "usage", error.format_message(), 2)
    except SegmentAssetsError as error:
        click.echo(f"Error: {error}", err=True)
        mistakes = error.mistakes if isinstance(error, DeclarationError) else ()
        return _tell_machines(arguments, error.code, str(error), exit_code_of(error), mistakes)
    return code if isinstance(code, int) else 0


def exit_code_of(error: BaseException) -> int:
    """Return 2 where a person must change something first, else 1: rows are owed.

    A blocked plan is owed too: it waits for a decision, and nothing was used wrongly.
    """
    return 2 if isinstance(error, UserError) and not isinstance(error, PlanBlocked) else 1


def _tell_machines(
    arguments: Sequence[str], code: str, message: str, exit_code: int, mistakes: Sequence[str] = ()
) -> int:
    if "--json" in arguments:
        facts = {"code": code, "message": message, "mistakes": list(mistakes)}
        click.echo(json.dumps({"error": facts, "exit_code": exit_code}, indent=2))
    return exit_code
