"""The `parley` command."""

import os
import sys

_INTERRUPTED = 130


def main() -> None:
    """Run the `parley` command; Ctrl-C ends it quietly even while it loads."""
    sys.unraisablehook = _end_if_interrupted
    try:
        from monitor.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _end_if_interrupted(ignored: "sys.UnraisableHookArgs") -> None:
    """Ends the command where Python would ignore Ctrl-C and go on: in a callback, while it imports."""
    if ignored.exc_type is KeyboardInterrupt:
        os._exit(_INTERRUPTED)
    sys.__unraisablehook__(ignored)
