"""The `parley` command."""

import sys


def main() -> None:
    """Run the `parley` command; Ctrl-C ends it quietly even while it loads."""
    try:
        from monitor.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
