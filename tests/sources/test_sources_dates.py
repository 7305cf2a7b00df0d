"""Dates as feeds write them: in UTC, with their precision, and none rather than a wrong one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.sources.dates import read_date
from monitor.sources.feed import articles, parse_feed
from monitor.sources.model import ArticleFound
from monitor.vocabulary import Precision

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def read(body: bytes) -> list[ArticleFound]:
    return articles(parse_feed(body, "https://news.example/feed"), source="dawn", now=NOW)


@pytest.mark.parametrize(
    ("stated", "published", "precision"),
    [
        ("Sat, 24 May 2025 13:05:00 +0500", "2025-05-24T08:05", Precision.TIME),
        ("24 May 2025 13:05 GMT", "2025-05-24T13:05", Precision.TIME),
        ("2025-05-24T13:05:09Z", "2025-05-24T13:05", Precision.TIME),
        ("2025-05-24T23:30:00-05:00", "2025-05-25T04:30", Precision.TIME),
        ("2025-05-24 13:05:00", "2025-05-24T13:05", Precision.TIME),
        ("2025-05-24", "2025-05-24T00:00", Precision.DAY),
        ("Sat, 24 May 2025 00:00:00 GMT", "2025-05-24T00:00", Precision.DAY),
        ("2025-05", "2025-05-01T00:00", Precision.MONTH),
        ("Sat, 24 May 2025 20:00:00 GMT", "2025-05-24T20:00", Precision.TIME),
        ("2025-05-24T13:05:00+00:00", "2025-05-24T13:05", Precision.TIME),
        ("Sat, 24 May 2025 18:05:00 PKT", "2025-05-24T13:05", Precision.TIME),
        ("24 May 2025 6:05 PM IST", "2025-05-24T12:35", Precision.TIME),
        ("May 24, 2025 12:00 AM", "2025-05-24T00:00", Precision.DAY),
        ("2025/05/24 13:05:00", "2025-05-24T13:05", Precision.TIME),
        ("24/05/2025 13:05", "2025-05-24T13:05", Precision.TIME),
        ("04/05/2025 13:05", None, Precision.UNKNOWN),
        ("24 May 2025 12:05 -01:00", "2025-05-24T13:05", Precision.TIME),
        ("24 May 2025 12:05 -01", "2025-05-24T13:05", Precision.TIME),
        ("13:05 24 May 2025", "2025-05-24T13:05", Precision.TIME),
        ("Thu, 01 Jan 2026 03:00:00 +0500", "2025-12-31T22:00", Precision.TIME),
        ("2025", None, Precision.UNKNOWN),
        ("13:05", None, Precision.UNKNOWN),
        ("yesterday", None, Precision.UNKNOWN),
        ("0000-00-00T00:00:00Z", None, Precision.UNKNOWN),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, Precision.UNKNOWN),
        ("Sat, 99 Foo 2025 99:99:99 GMT", None, Precision.UNKNOWN),
        ("9999-12-31T10:00:00Z", "2026-03-01T12:00", Precision.DAY),
        ("", None, Precision.UNKNOWN),
        ("Sun, 01 Mar 2026 12:30:00 GMT", "2026-03-01T12:00", Precision.TIME),
        ("Tue, 01 Mar 2050 12:30:00 GMT", "2026-03-01T12:00", Precision.DAY),
    ],
)
def test_dates_come_in_utc_with_their_precision(
    stated: str, published: str | None, precision: Precision
) -> None:
    item = f"<item><title>T</title><pubDate>{stated}</pubDate></item>"
    (article,) = read(f"<rss version='2.0'><channel>{item}</channel></rss>".encode())
    found = article.published_at and f"{article.published_at:%Y-%m-%dT%H:%M}"
    assert (found, article.precision) == (published, precision)


def test_a_change_counts_as_publication_only_where_nothing_else_is_said() -> None:
    entry = "<entry><id>1</id><title>T</title>{}<updated>2026-02-03T04:05:06Z</updated></entry>"
    feed = "<feed xmlns='http://www.w3.org/2005/Atom'>{}</feed>"
    (both,) = read(feed.format(entry.format("<published>2026-02-01T04:05:06Z</published>")).encode())
    (one,) = read(feed.format(entry.format("")).encode())
    assert both.published_at == datetime(2026, 2, 1, 4, 5, 6, tzinfo=UTC)
    assert one.published_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


PIECES = "Sat, |24|May|5|2025|25|00|:|13:05|13:05:09|T|Z|+0500|-99:99|PKT|EST|GMT+5|AM|p.m.| |-|/|.|,|W|é|年|0000|9999"


@settings(max_examples=500, deadline=timedelta(seconds=2))
@given(
    st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES.split("|")), max_size=10).map("".join))
)
def test_no_text_makes_it_crash_and_every_moment_is_in_utc(stated: str) -> None:
    moment, precision = read_date(stated)
    assert moment is None or moment.utcoffset() == timedelta(0)
    assert (moment is None) == (precision is Precision.UNKNOWN)


@settings(max_examples=300, deadline=timedelta(seconds=2))
@given(
    st.integers(700_000_000, 2_800_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.sampled_from(
        [
            "%a, %d %b %Y %H:%M:%S GMT",
            "%Y-%m-%dT%H:%M:%SZ",
            "%Y%m%dT%H%M%SZ",
            "%Y-%m-%d %H:%M:%S",
            "%Y/%m/%d %H:%M:%S",
            "%d %B %Y %I:%M:%S %p",
            "%B %d, %Y %I:%M:%S %p UTC",
            "%a %b %d %H:%M:%S %Y",
            "%Y-%m-%d %H:%M:%S UTC",
        ]
    ),
)
def test_a_date_is_read_back_as_it_was_written(at: datetime, form: str) -> None:
    item = f"<item><title>T</title><pubDate>{at.strftime(form)}</pubDate></item>"
    (entry,) = parse_feed(
        f"<rss version='2.0'><channel>{item}</channel></rss>".encode(), "https://e.example/"
    ).entries
    assert entry.published == at
