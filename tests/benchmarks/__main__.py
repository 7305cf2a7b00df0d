"""Runs the benchmarks: `python -m tests.benchmarks [--quick] [--json FILE]` from the top of the checkout.

The ratio says how many times the raw work's time Parley takes. Exit code 1: a promise was broken.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.table import Table

from monitor.log.embedded import EmbeddedServer
from tests.benchmarks import asking, carrying, delivering, figures, polling, watching
from tests.benchmarks.cases import cases
from tests.benchmarks.measure import Figure, Result, measure

WIDTH = 130
"""Columns of the table; a pipe has no width, and a name broken over lines cannot be searched for."""


def run(scale: int, turns: int) -> list[Result]:
    """Measure every case on a server and a folder of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="pb-") as folder,
        EmbeddedServer(Path(folder) / "data") as server,
        ExitStack() as servers,
    ):
        data = Path(folder) / "data"
        every = chain(cases(data, server.url, scale), delivering.cases(data, 20 * scale, servers))
        return [measure(case, turns) for case in every]


def table(results: Sequence[Result]) -> Table:
    """The results for people."""
    shown = Table(title="Speed of Parley beside the raw work, medians", box=None, pad_edge=False)
    for heading, side in (
        ("", "left"),
        ("Parley", "right"),
        ("raw", "right"),
        ("", "left"),
        ("ratio", "right"),
    ):
        shown.add_column(heading, justify=side)
    for result in results:
        promise = f" (at most {result.at_most:.3g})" if result.at_most is not None else ""
        shown.add_row(
            result.name,
            f"{1 / result.ours_s:,.0f} {result.unit}/s",
            f"{1 / result.raw_s:,.0f}/s",
            result.raw_name,
            f"{result.ratio:,.2f}{promise}" if result.ratio < 10 else f"{result.ratio:,.0f}{promise}",
        )
    return shown


def figures_table(found: Sequence[Figure]) -> Table:
    """The promised numbers for people."""
    shown = Table(title="What is promised in numbers", title_justify="left", box=None, pad_edge=False)
    for heading, side in (
        ("", "left"),
        ("measured", "right"),
        ("at most", "right"),
        ("aim", "right"),
        ("", "left"),
    ):
        shown.add_column(heading, justify=side)
    for one in found:
        verdict = "" if one.is_kept else "broken"
        shown.add_row(
            one.name,
            f"{one.value:,.2f} {one.unit}",
            f"{one.at_most:g}",
            f"{one.aim or one.at_most:g}",
            verdict,
        )
    return shown


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, show, and say whether the promises are kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tiny run, to see that all of it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    chosen = parser.parse_args(arguments)
    results = run(scale=1, turns=2) if chosen.quick else run(scale=10, turns=7)
    rooms = [figures, polling, delivering, carrying]
    if not chosen.quick:  # a browser and two servers: `make drills` tries them at a tiny size
        rooms += [asking, watching]
    found = [figure for room in rooms for figure in room.figures(quick=chosen.quick)]
    console = Console(width=WIDTH)
    console.print(table(results))
    console.print()
    console.print(figures_table(found))
    if chosen.json:
        document = {"ratios": [one.to_json() for one in results], "figures": [one.to_json() for one in found]}
        chosen.json.write_text(json.dumps(document, indent=2) + "\n")
    broken = [one.name for one in (*results, *found) if not one.is_kept]
    if broken and not chosen.quick:
        sys.stderr.write(f"promises broken: {', '.join(broken)}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
