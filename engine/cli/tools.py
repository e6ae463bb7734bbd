"""The `stylegan` command: a group whose commands are imported only when they are used.

`stylegan --help` therefore answers at once: it imports none of them, and not torch.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Final

import click


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command is, and its line in the group's help."""

    target: str
    """module:function"""
    summary: str

    def load(self) -> click.Command:
        """The command itself."""
        module, function = self.target.split(":")
        command = getattr(importlib.import_module(module), function)
        assert isinstance(command, click.Command)
        return command


COMMANDS: Final = {
    "convert": LazyCommand("engine.cli.convert:convert", "Write a model in another format."),
    "dataset": LazyCommand("engine.cli.dataset:dataset", "Make a zip archive of pictures to train on."),
    "generate": LazyCommand("engine.cli.generate:generate", "Make pictures from seeds."),
    "info": LazyCommand("engine.cli.info:info", "Say what a model file is."),
    "metrics": LazyCommand("engine.cli.metrics:metrics", "Measure a model against real pictures."),
    "video": LazyCommand("engine.cli.video:video", "Make a video that walks through seeds."),
}


class LazyGroup(click.Group):
    """Finds its commands in `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        return COMMANDS[cmd_name].load() if cmd_name in COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].summary) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="stylegan-explorer")
def main() -> None:
    """Tools for StyleGAN models: look into files, convert them, make pictures."""
