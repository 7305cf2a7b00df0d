"""The topics that ship are found in articles about them, on the right channel; what only resembles them stays out."""

import json
import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from monitor.detection import Document, detect
from monitor.service.settings import Settings
from monitor.topics import is_relevant, load_topics
from monitor.vocabulary import ClaimKind, Precision

TOPICS = load_topics()
SHIPPED = [name for name in TOPICS if name not in {"any", "pti"}]
ARTICLES = tomllib.loads(Path(__file__).with_name("shipped.toml").read_text(encoding="utf-8"))["articles"]


@pytest.mark.parametrize("article", ARTICLES, ids=[f"{one['topic']}: {one['name']}" for one in ARTICLES])
def test_an_articles_claims_are_on_the_right_channel_and_no_other(article: dict[str, Any]) -> None:
    topic, text = TOPICS[article["topic"]], article["text"].strip()
    day = datetime.combine(date.fromisoformat(article["published"]), time(12), UTC)

    found = detect(Document(article["title"], text, day, Precision.DAY), topic, "0" * 32).claims

    present = [claim for claim in found if not claim.background]
    carried = {f"{claim.channel} {claim.kind}" for claim in present if claim.carries_status}
    denied = {claim.channel for claim in present if claim.kind is ClaimKind.DENIED}
    assert carried == set(article["claims"])
    assert denied == set(article.get("denied", ()))
    assert is_relevant(topic, article["title"], text) is article.get("relevant", True)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_topic_has_articles_that_are_its_and_one_that_is_not(name: str) -> None:
    claims = [bool(one["claims"]) for one in ARTICLES if one["topic"] == name]

    assert True in claims
    assert False in claims


STREAMS = Path(__file__).parents[1] / "streams"


@pytest.mark.parametrize(("stream", "home"), [("pti", "pti"), ("rail", "rail-uk")])
def test_the_news_of_one_topic_makes_no_claims_on_another(stream: str, home: str) -> None:
    lines = (STREAMS / f"{stream}.jsonl").read_text(encoding="utf-8").splitlines()
    articles = [(one["title"], one["text"]) for one in map(json.loads, lines)]
    others = [TOPICS[name] for name in ["pti", *SHIPPED] if name != home]
    taken = [
        (topic, Document(title, text))
        for topic in others
        for title, text in articles
        if is_relevant(topic, title, text)
    ]

    assert sum(is_relevant(TOPICS[home], *article) for article in articles) > len(articles) // 2
    assert [claim.span.text for topic, text in taken for claim in detect(text, topic, "0" * 32).claims] == []


def test_no_shipped_topic_but_the_first_is_watched_by_default() -> None:
    assert Settings().topics == ("pti",)
    assert len(SHIPPED) >= 4
