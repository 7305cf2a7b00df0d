"""What feeds say of when to poll them."""

from datetime import timedelta

import pytest

from monitor.sources.feed import parse_feed

URL = "https://news.example/feeds/all.xml"


def rss(channel: str, items: str = "<item><title>T</title></item>") -> bytes:
    namespace = "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"
    return f"<?xml version='1.0'?><rss version='2.0' {namespace}><channel>{channel}{items}</channel></rss>".encode()


@pytest.mark.parametrize(
    ("channel", "ttl"),
    [
        ("", None),
        ("<ttl>60</ttl>", timedelta(hours=1)),
        ("<ttl> 30 minutes</ttl>", timedelta(minutes=30)),
        ("<ttl>0</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>999999999</ttl>", timedelta(days=31)),
        ("<sy:updatePeriod> Hourly\n</sy:updatePeriod>", timedelta(hours=1)),
        (
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>6</sy:updateFrequency>",
            timedelta(hours=4),
        ),
        ("<sy:updateFrequency>2</sy:updateFrequency>", timedelta(hours=12)),
        ("<sy:updatePeriod>yearly</sy:updatePeriod>", timedelta(days=31)),
        ("<sy:updatePeriod>never</sy:updatePeriod>", None),
        ("<ttl>10</ttl><sy:updatePeriod>weekly</sy:updatePeriod>", timedelta(minutes=10)),
    ],
)
def test_a_feed_says_how_long_to_wait(channel: str, ttl: timedelta | None) -> None:
    assert parse_feed(rss(channel), URL).ttl == ttl


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "iso-8859-1"])
def test_a_feed_says_when_not_to_come(charset: str) -> None:
    items = (
        "<item><title>T</title></item>" * 3
        + "<skipDays><day>Sunday</day><day>FRIDAY</day><day>Someday</day></skipDays>"
    )
    channel = "<skipHours><hour>24</hour><hour> 5 </hour><hour>25</hour><hour/></skipHours><hour>9</hour>"
    body = rss(channel, items).decode().replace("'1.0'", f"'1.0' encoding='{charset}'", 1)
    feed = parse_feed(body.encode(charset), URL)
    assert feed.skip_hours == {0, 5}
    assert feed.skip_days == {4, 6}


def test_a_broken_feed_still_says_when_not_to_come() -> None:
    feed = parse_feed(rss("<title>A & B</title><skipHours><hour>5</hour></skipHours>"), URL)
    assert feed.note
    assert feed.skip_hours == {5}
