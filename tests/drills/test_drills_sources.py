"""Fifty sources for a year, polled four times a day: each article is in the log once, each change of it once."""

import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.readmodel.store import open_engine
from tests.sources.newsroom import Newsroom
from tests.sources.year import Year

SOURCES = 50
HALVES = 2
# Each fault that feeds have with their ids, and the good ones besides.
KINDS = (
    {},
    {"guids": "none"},
    {"guids": "random"},
    {"guids": "one"},
    {"guids": "places"},
    {"links": False},
    {"retold": True},
)


def a_year(half: int) -> dict[str, object]:
    """A year of half of the sources, in a process of its own."""
    rooms = [
        Newsroom(f"outlet{number}", idle=600, **KINDS[number % len(KINDS)])
        for number in range(half, SOURCES, HALVES)
    ]
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(Path(folder) / "service.sqlite", derived=True)
        year = Year(engine, rooms, timedelta(hours=6))
        year.run()
        found = {
            "differences": year.differences(),
            "confused": year.confused(),
            "history": year.history() - year.reader.history,
            "again": year.again(10),
        }
        engine.dispose()
    return found


@pytest.mark.drill
@pytest.mark.timeout(1200)
def test_a_year_of_fifty_sources_brings_each_article_once_and_each_change_of_it_once() -> None:
    with ProcessPoolExecutor(HALVES, mp_context=multiprocessing.get_context("spawn")) as pool:
        for found in pool.map(a_year, range(HALVES)):
            assert found == {"differences": {}, "confused": [], "history": 0, "again": 0}
