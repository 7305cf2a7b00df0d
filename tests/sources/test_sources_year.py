"""A year of one source: what it wrote is in the log once, and what it only did to its feed is not."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import Engine

from tests.postgres import POSTGRES_IS_A_DRILL
from tests.sources.newsroom import Newsroom
from tests.sources.year import Year


@POSTGRES_IS_A_DRILL
def test_a_year_of_polling_brings_each_article_once_and_each_change_of_it_once(engine: Engine) -> None:
    year = Year(engine, [Newsroom("tide")], timedelta(days=1))
    year.run()
    assert year.differences() == {}
    assert year.confused() == []
    assert year.history() == year.reader.history
    types = Counter(event.type for event in year.log.events)
    assert types["article.ingested"] == len(year.reader.serials) > 150
    assert types["article.revised"] > 10
    assert types["article.removed"] > 0
    assert year.again(20) == 0
