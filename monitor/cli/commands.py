"""The table of commands: which module has each, and its line in the help. A module loads when its command is called.

So `parley detect` does not wait for what `parley up` needs, and `parley --help` waits for nothing at all.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "up": ("running", "Start everything; Ctrl-C ends it."),
        "run": ("running", "Run one role, or several, in this process."),
        "seed": ("running", "Load the articles that ship with Parley."),
        "ingest": ("running", "Take in articles from addresses, files or folders."),
        "status": ("reading", "Where the talks stand, since when, and who says so."),
        "timeline": ("reading", "Each channel's statuses, oldest first."),
        "alerts": ("reading", "What was told, newest first; what was not, and why."),
        "acknowledge": ("quieting", "Say that you have taken note of an alert."),
        "silence": ("quieting", "Tell nothing new of a topic for a while."),
        "silences": ("quieting", "Of what nothing new is told, until when, and why."),
        "unsilence": ("quieting", "End a silence before its time."),
        "claims": (
            "claims",
            "Every claim that stands, with its passage; dismiss one that is wrong, or restore it.",
        ),
        "articles": ("articles", "The articles that were read: list them, take one's words out of view."),
        "detect": ("detecting", "Find the claims about talks in texts."),
        "evaluate": ("evaluating", "Measure detection on labelled texts."),
        "rehearse": ("rehearsing", "What would Parley have told me? Dated articles go the real way."),
        "replay": ("rereading", "What would differ, had today's detector and rules read the log?"),
        "redetect": ("rereading", "Have today's detector read again what an older one read."),
        "rebuild": ("caring", "Make the read model again from the log."),
        "topics": ("topics", "The talks that can be watched: list, show, check and write topic files."),
        "sources": ("sources", "Where articles come from: list, add, check, poll and pause sources."),
        "subscriptions": (
            "subscriptions",
            "Who is told when talks change: list, add, pause, remove and test subscriptions.",
        ),
        "deliveries": (
            "deliveries",
            "What was sent to whom: list and show deliveries, put back what was given up.",
        ),
        "tokens": ("tokens", "Who may use the HTTP interface: list, make, rotate and remove tokens."),
        "migrate": ("migrating", "Make the tables of the service, or bring them up to this version."),
        "doctor": ("caring", "Check this installation, and say what to do."),
        "log": ("logs", "Look into the event log; copy it, and what is old out of it."),
        "backup": ("backing_up", "Back up everything that cannot be made again."),
        "restore": ("backing_up", "Restore a backup into a new installation."),
    }
)
"""Command -> (module of `monitor.cli` whose `register` adds it, what the help says of it), as the help lists them."""


class Commands(TyperGroup):
    """The group of all commands, each loaded when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, as the table has them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name; None when there is none."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            module = COMMANDS[cmd_name][0]
            self.commands.update(loaded(module))
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments call; for a misspelt one the error names those that are alike."""
        if args and args[0] not in COMMANDS:
            for module in {module for module, _ in COMMANDS.values()}:
                self.commands.update(loaded(module))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list in the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def loaded(module: str) -> dict[str, Any]:
    """The commands that a module of `monitor.cli` registers, by name."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(lambda: None)  # so that one command alone is a group too
    import_module(f"monitor.cli.{module}").register(app)
    group: Any = typer.main.get_group(app)
    return dict(group.commands)
