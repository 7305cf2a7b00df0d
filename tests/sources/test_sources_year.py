"""A year of one source: what it wrote is in the log once, and what it only did to its feed is not."""

from datetime import timedelta

from sqlalchemy import Engine

from tests.sources.newsroom import Newsroom
from tests.sources.year import Year


def test_a_year_of_polling_brings_each_article_once_and_each_change_of_it_once(engine: Engine) -> None:
    year = Year(engine, [Newsroom("tide")], timedelta(days=1))
    year.run()
    assert year.counts() == year.reader.events
    assert year.history() == year.reader.history
    assert year.confused() == []
    assert year.reader.events["article.ingested"] > 150
    assert year.reader.events["article.revised"] > 10
    assert any(event.type == "article.removed" for event in year.log.events)
    assert year.again(20) == 0
