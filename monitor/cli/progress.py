"""A progress bar for long work: on stderr, and only where a person sees it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LONG = 100
"""From so many things on, progress is shown."""


@contextmanager
def progress(total: int, what: str) -> Iterator[Callable[[], None]]:
    """Yields what to call after each of `total` things; the bar goes when all is done."""
    if total < LONG or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
