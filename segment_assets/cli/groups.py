"""A command group that imports a command's module when it is called: `--help` stays quick."""

import difflib
import importlib
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands are named with the module that holds them."""

    def __init__(
        self, *args: Any, commands_by_name: dict[str, tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._by_name = commands_by_name

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands' names in order."""
        return sorted(self._by_name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import and return a command, or None for an unknown name."""
        if cmd_name not in self._by_name:
            return None
        module, function = self._by_name[cmd_name]
        command = getattr(importlib.import_module(f"segment_assets.cli.{module}"), function)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is ours
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name; an unknown one is told with the nearest."""
        name = args[0]
        if name not in self._by_name and not name.startswith("-") and not ctx.resilient_parsing:
            near = difflib.get_close_matches(name, self._by_name, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            ctx.fail(
                f"There is no command {name}.{hint} Commands: {', '.join(sorted(self._by_name))}."
            )
        return super().resolve_command(ctx, args)
