"""A long past to rehearse: the articles of a stream over and over, each time as other articles of later days."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count, islice
from pathlib import Path

from monitor.sources.lines import read_lines
from monitor.sources.model import ArticleFound

STREAM = Path(__file__).parents[1] / "streams" / "pti.jsonl"
HOURS = 8


def articles(number: int) -> list[ArticleFound]:
    """So many articles, oldest first, one every eight hours."""
    return list(islice(_editions(), number))


def lines(number: int) -> str:
    """The same as the lines that `parley rehearse` reads."""
    return "".join(
        json.dumps(
            {
                "title": article.title,
                "text": article.text,
                "published": article.moment.isoformat(),
                "outlet": article.outlet,
                "url": article.url,
                "guid": article.guid,
            }
        )
        + "\n"
        for article in articles(number)
    )


def _editions() -> Iterator[ArticleFound]:
    stream = read_lines(STREAM)
    moment = stream[0].moment
    for edition in count():
        for article in stream:
            yield replace(
                article,
                url=f"{article.url}-{edition}",
                guid=article.guid and f"{article.guid}-{edition}",
                text=f"{article.text}\n\nEdition {edition}.",
                published_at=moment,
                first_seen_at=moment,
            )
            moment += timedelta(hours=HOURS)
