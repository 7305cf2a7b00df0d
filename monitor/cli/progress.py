"""How far long work is, on stderr: a bar or a word where a person sees it, else, on request, a line now and then."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

LONG = 100
"""From so many things on, progress is shown."""


@contextmanager
def progress(
    total: int, what: str, *, least: int = LONG, lines: bool = False
) -> Iterator[Callable[[], None]]:
    """Yields what to call after each of `total` things; the bar goes when all is done.

    Args:
        total: how many things there are.
        what: what they are, in the plural.
        least: from so many on it is shown.
        lines: where nobody sees a bar (a log, a pipe), tell it in lines, for work that may take minutes.
    """
    if total < least or not (lines or sys.stderr.isatty()):
        yield lambda: None
        return
    if not sys.stderr.isatty():
        yield _lines(total, what)
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Says what is waited for, as long as it lasts, where a person sees it."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True, markup=False).status(what):
        yield


def _lines(total: int, what: str) -> Callable[[], None]:
    """A line after each tenth."""
    passed = count(1)

    def one_more() -> None:
        number = next(passed)
        if number % (total // 10) == 0:
            sys.stderr.write(f"{number} of {total} {what}\n")

    return one_more
