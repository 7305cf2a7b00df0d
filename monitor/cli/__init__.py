"""The `parley` command."""

from monitor.cli.app import main

__all__ = ["main"]
